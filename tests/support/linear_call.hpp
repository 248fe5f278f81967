// A packed Linear, rows and a place for the outputs -> the arguments of its kernel, and the call.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"
#include "plan/pack.hpp"

#include <cstddef>
#include <vector>

namespace lamina::test {

/// w [n][k] and b [n], packed for `table`.
inline plan::PackedLinear pack_linear(std::size_t n, std::size_t k, const std::vector<float>& w,
                                      const std::vector<float>& b, const kernel::KernelTable& table) {
  const auto outputs = static_cast<std::int64_t>(n), inputs = static_cast<std::int64_t>(k);
  model::Linear linear{inputs, outputs, true, Tensor({outputs, inputs}, w), Tensor({outputs}, b)};
  return plan::pack(linear, table);
}

/// All outputs of `rows` dense rows at x, no epilogue.
inline kernel::LinearArgs linear_args(const plan::PackedLinear& packed, const float* x, std::size_t rows, float* y,
                                      std::size_t ldy) {
  kernel::LinearArgs a{};
  a.x = x;
  a.ldx = packed.k;
  a.y = y;
  a.ldy = ldy;
  a.w = packed.weights.data();
  a.b = packed.bias.data();
  a.rows = rows;
  a.k = packed.k;
  a.n_end = packed.n;
  a.panel = packed.panel;
  a.panel_stride = packed.panel_stride;
  a.chains = packed.chains;
  return a;
}

inline void run_linear(const plan::PackedLinear& packed, const kernel::KernelTable& table,
                       const kernel::LinearArgs& a) {
  (packed.layout == plan::WeightLayout::dot ? table.linear_dot : table.linear_panel)(a);
}

}  // namespace lamina::test
