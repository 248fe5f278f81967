// Threats -> the safetensors files that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "format/safetensors_file.hpp"
#include "hostile/gallery.hpp"

namespace lamina::test {
namespace {

std::string one(const std::string& entry, std::size_t bytes) {
  return safetensors_file("{" + entry + "}", std::string(bytes, '\0'));
}

/// More tensors than a file may have, of one float each.
std::string many_tensors() {
  constexpr std::uint64_t kCount = 65537;
  std::string header;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    header += (i == 0 ? "{" : ",") + tensor_entry(std::to_string(i), "F32", {1}, 4 * i, 4 * i + 4);
  }
  return safetensors_file(header + "}", std::string(4 * kCount, '\0'));
}

}  // namespace

std::vector<Hostile> hostile_safetensors() {
  const std::string huge = "281474976710655";  // 2^48 - 1, the format's own limit
  const std::string file = "a.safetensors";
  const std::string w = tensor_entry("w", "F32", {1}, 0, 4);
  return {
      {"T-01", "a shape whose product overflows", file,
       one(R"("w":{"dtype":"F32","shape":[)" + huge + "," + huge + R"(],"data_offsets":[0,4]})", 4), "limit_exceeded",
       "overflows"},
      {"T-02", "more bytes declared than there are", file, one(tensor_entry("w", "F32", {2}, 0, 8), 4), "truncated",
       "expected 8 bytes, got 4"},
      {"T-02", "a header longer than the file", file, little_endian(1000, 8) + "{}", "truncated", "1000 bytes"},
      {"T-10", "a header nested a thousand deep", file,
       safetensors_file(R"({"w":)" + std::string(1000, '[') + std::string(1000, ']') + "}"), "limit_exceeded",
       "nested deeper"},
      {"T-10", "one name twice", file, one(w + "," + w, 4), "malformed", "twice"},
      {"T-10", "a hundred thousand tensors", file, many_tensors(), "limit_exceeded", "more than 65536 tensors"},
      {"T-11", "bytes behind the last tensor", file, one(w, 5), "malformed", "follow the last tensor"},
      {"T-11", "a hole between two tensors", file, one(w + "," + tensor_entry("v", "F32", {1}, 8, 12), 12), "malformed",
       "gap"},
      {"T-12", "a program by the name of a model", file,
       "\x7f"
       "ELF\2\1\1" +
           std::string(64, '\0'),
       "malformed", ""},
      {"T-12", "an empty file", file, "", "truncated", ""},
      {"T-19", "a tensor without elements", file, one(tensor_entry("w", "F32", {0}, 0, 0), 0), "shape_mismatch", ""},
  };
}

}  // namespace lamina::test
