// A network of shapes.hpp -> a chain of dense layers with weights: what every peer runs, and its file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shapes.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace lamina::bench {

/// y = act(W x + b).
struct Dense {
  std::size_t in = 0, out = 0;
  Act act = Act::none;
  std::vector<float> weight;  ///< [out][in], as PyTorch keeps it
  std::vector<float> bias;    ///< [out]
};

struct Chain {
  std::string name;
  std::vector<Dense> layers;

  [[nodiscard]] std::size_t inputs() const { return layers.front().in; }
  [[nodiscard]] std::size_t outputs() const { return layers.back().out; }
  [[nodiscard]] std::size_t widest_hidden() const;  ///< 0 where there is one layer
  [[nodiscard]] double flops_per_row() const;       ///< multiply-adds count as two
  [[nodiscard]] double weight_bytes() const;        ///< weights and biases, unpacked
};

/// Weights drawn as PyTorch initialises them, always the same.
[[nodiscard]] Chain draw_chain(const Network& network);

/// A private format: both sides are built together. Throws std::runtime_error.
void write_chain(const Chain& chain, const std::filesystem::path& path);
[[nodiscard]] Chain read_chain(const std::filesystem::path& path);

}  // namespace lamina::bench
