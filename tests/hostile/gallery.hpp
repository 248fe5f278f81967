// Threats -> files that carry them, each with the error that it must give. The rows are those of gallery.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lamina::test {

struct Hostile {
  std::string row;    // of the list of threats: "T-05"
  std::string what;   // "two members of one name"
  std::string file;   // its name: an array file where it ends in npy, npz, csv, json or jsonl, else a model
  std::string bytes;  // its content
  std::string code;   // of the error
  std::string part;   // of the error's text
};

[[nodiscard]] std::vector<Hostile> hostile_safetensors();
[[nodiscard]] std::vector<Hostile> hostile_zips();
[[nodiscard]] std::vector<Hostile> hostile_torch_files();
[[nodiscard]] std::vector<Hostile> hostile_arrays();
[[nodiscard]] std::vector<Hostile> hostile_hdf5_files();
[[nodiscard]] std::vector<Hostile> hostile_onnx_files();
/// Architecture texts, which load() takes beside any weights.
[[nodiscard]] std::vector<Hostile> hostile_texts();

}  // namespace lamina::test
