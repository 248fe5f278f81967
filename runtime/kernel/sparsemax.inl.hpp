// Rows or an inner axis -> sparsemax: the Euclidean projection onto the probability simplex.
// SPDX-License-Identifier: Apache-2.0
//
// y = max(0, x - tau) with sum(y) = 1. Instead of sorting (which needs scratch), Michelot's iteration: tau = (sum of
// the support - 1) / its size, then the support loses what is <= tau, until it loses nothing. It ends with the
// support of the sorted definition, in at most n rounds. Scalar, in double: rare in practice.
#pragma once

#include "kernel/kernels.hpp"
#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// Largest of n values at stride, NaN if one of them is not finite.
LAMINA_INLINE double finite_max(const float* x, std::size_t n, std::size_t stride) {
  double largest = x[0];
  bool finite = true;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = x[i * stride];
    finite = finite && v - v == 0.0;
    largest = v > largest ? v : largest;
  }
  return finite ? largest : __builtin_nan("");
}

LAMINA_INLINE void sparsemax_one(const float* x, float* y, std::size_t n, std::size_t stride) {
  const double shift = finite_max(x, n, stride);
  double tau = -1.0;  // relative to the maximum, which is in the support: nothing at or below max - 1 can be
  std::size_t support = 0;
  for (std::size_t last = n + 1; support != last;) {
    if (support != 0) last = support;
    double sum = 0.0;
    support = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double z = x[i * stride] - shift;
      if (z > tau) {
        sum += z;
        ++support;
      }
    }
    if (support == 0) break;  // not finite
    tau = (sum - 1.0) / static_cast<double>(support);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double v = (x[i * stride] - shift) - tau;
    y[i * stride] = static_cast<float>(v < 0.0 ? 0.0 : v);
  }
}

template <class A>
void sparsemax_rows(const RowArgs& a) noexcept {
  if (a.n == 0) return;
  for (std::size_t r = 0; r < a.rows; ++r) sparsemax_one(a.x + r * a.ldx, a.y + r * a.ldy, a.n, 1);
}

template <class A>
void sparsemax_axis(const AxisArgs& a) noexcept {
  if (a.axis == 0) return;
  for (std::size_t o = 0; o < a.outer; ++o) {
    for (std::size_t i = 0; i < a.inner; ++i) {
      const std::size_t base = o * a.axis * a.inner + i;
      sparsemax_one(a.x + base, a.y + base, a.axis, a.inner);
    }
  }
}

}  // namespace
}  // namespace lamina::kernel
