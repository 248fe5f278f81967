// The two loops that find a machine's roofs, compiled once per instruction set.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lamina::bench {

struct RoofKernels {
  /// `count` steps of kChains independent multiply-adds, whatever the vector's width; returns floating-point
  /// operations.
  double (*multiply_add)(std::size_t count);
  /// Reads `bytes` (a multiple of 1024) at `data`, 64-byte aligned.
  void (*read)(const float* data, std::size_t bytes);
};

extern const RoofKernels kRoofSse4, kRoofAvx2, kRoofAvx512, kRoofNeon;

}  // namespace lamina::bench
