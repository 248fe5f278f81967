// A Linear of few outputs -> K-vectorised dot products, 16 virtual lanes each.
// SPDX-License-Identifier: Apache-2.0
//
// For 1 to 8 outputs a panel would leave most lanes idle. One output is: 16 lanes of fma over k, the fixed tree of
// wide.inl.hpp, plus the bias, plus +0.0f; the same for every row count and instruction set.
#pragma once

#include "kernel/activation.inl.hpp"
#include "kernel/kernels.hpp"
#include "kernel/linear_tile.inl.hpp"
#include "kernel/vec.inl.hpp"
#include "kernel/wide.inl.hpp"

namespace lamina::kernel {
namespace {

/// MR rows x NO outputs; x is read in whole groups of 16 and one partial group.
template <class A, int MR, int NO>
void dot_tile(const LinearArgs& a, const float* x, float* y, std::size_t n) noexcept {
  constexpr std::size_t kParts = Wide<A>::kParts;
  Wide<A> acc[MR][NO];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int o = 0; o < NO; ++o) acc[m][o] = wide_set<A>(0.0f);
  }
  const float* w = a.w + n * a.panel_stride;
  const auto step = [&](std::size_t k, std::size_t count) __attribute__((always_inline)) {
    Wide<A> b[NO];
#pragma GCC unroll 4
    for (int o = 0; o < NO; ++o)
      b[o] = wide_load<A>(w + static_cast<std::size_t>(o) * a.panel_stride + k, kVirtualLanes);
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) {
      const Wide<A> v = wide_load<A>(x + static_cast<std::size_t>(m) * a.ldx + k, count);
#pragma GCC unroll 4
      for (int o = 0; o < NO; ++o) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kParts; ++i) acc[m][o].part[i] = fma<A>(v.part[i], b[o].part[i], acc[m][o].part[i]);
      }
    }
  };
  std::size_t k = 0;
  for (; k + kVirtualLanes <= a.k; k += kVirtualLanes) step(k, kVirtualLanes);
  if (k < a.k) step(k, a.k - k);
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int o = 0; o < NO; ++o) {
      y[static_cast<std::size_t>(m) * a.ldy + static_cast<std::size_t>(o)] =
          (wide_sum<A>(acc[m][o]) + a.b[n + static_cast<std::size_t>(o)]) + 0.0f;
    }
  }
}

// Register budget: MR * NO accumulators of 16 lanes, that is 1, 2 or 4 registers each.
template <class A>
inline constexpr int kDotRows = kLanes<A> == 16  ? 4
                                : kLanes<A> == 8 ? 2
                                                 : 1;
template <class A>
inline constexpr int kDotOutputs = kLanes<A> == 16 ? 4 : 2;

template <class A, int MR>
LAMINA_INLINE void dot_rows(const LinearArgs& a, const float* x, float* y) {
  constexpr int kOutputs = kDotOutputs<A>;
  std::size_t n = a.n_begin;
  for (; n + kOutputs <= a.n_end; n += kOutputs) dot_tile<A, MR, kOutputs>(a, x, y + n, n);
  for (; n < a.n_end; ++n) dot_tile<A, MR, 1>(a, x, y + n, n);
}

template <class A>
void linear_dot(const LinearArgs& a) noexcept {
  const std::size_t n = a.n_end - a.n_begin;
  std::size_t row = 0;
  if constexpr (kDotRows < A >> 1) {
    for (; row + kDotRows<A> <= a.rows; row += kDotRows<A>) {
      dot_rows<A, kDotRows<A>>(a, a.x + row * a.ldx, a.y + row * a.ldy);
    }
  }
  for (; row < a.rows; ++row) dot_rows<A, 1>(a, a.x + row * a.ldx, a.y + row * a.ldy);

  if (a.epilogue == Unary::identity) return;
  const UnaryFn f = kUnaryFunctions<A>.fn[static_cast<std::size_t>(a.epilogue)];
  if (a.ldy == n) {  // dense: one call for all rows
    f(a.y + a.n_begin, a.y + a.n_begin, a.rows * n, a.p);
    return;
  }
  for (std::size_t r = 0; r < a.rows; ++r) f(a.y + r * a.ldy + a.n_begin, a.y + r * a.ldy + a.n_begin, n, a.p);
}

}  // namespace
}  // namespace lamina::kernel
