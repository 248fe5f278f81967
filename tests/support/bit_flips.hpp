// A file -> the same file with one bit changed, for each of its first bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace lamina::test {

/// Calls `visit` with every copy of `file` that differs in one bit of its first `bytes` bytes.
template <class Visit>
void each_bit_flip(const std::string& file, std::size_t bytes, Visit visit) {
  std::string flipped = file;
  for (std::size_t i = 0; i < std::min(file.size(), bytes); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      flipped[i] = static_cast<char>(static_cast<unsigned char>(file[i]) ^ (1U << bit));
      visit(flipped);
    }
    flipped[i] = file[i];
  }
}

}  // namespace lamina::test
