// A function of one vector -> the same function over an array, tails through the same code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// The first n <= kLanes floats at p.
template <class A>
LAMINA_INLINE Vec<A> load_some(const float* p, std::size_t n) {
  return n == kLanes<A> ? load<A>(p) : load_part<A>(p, n);
}
template <class A>
LAMINA_INLINE void store_some(float* p, Vec<A> v, std::size_t n) {
  if (n == kLanes<A>) {
    store<A>(p, v);
  } else {
    store_part<A>(p, v, n);
  }
}

/// body(i, count) for each vector of n floats: i its first element, count its elements (kLanes but for the last).
template <class A, class Body>
LAMINA_INLINE void for_each_vector(std::size_t n, const Body& body) {
  std::size_t i = 0;
  for (; i + kLanes<A> <= n; i += kLanes<A>) body(i, kLanes<A>);
  if (i < n) body(i, n - i);
}

/// y[i] = f(x[i]); x == y allowed. Two vectors per step: their loads stand before the stores, which the compiler
/// could not arrange (x may be y), so that two chains of latency run side by side.
template <class A, class F>
LAMINA_INLINE void map(const float* x, float* y, std::size_t n, const F& f) {
  constexpr std::size_t kL = kLanes<A>;
  std::size_t i = 0;
  for (; i + 2 * kL <= n; i += 2 * kL) {
    const Vec<A> a = load<A>(x + i), b = load<A>(x + i + kL);
    const Vec<A> fa = f(a), fb = f(b);
    store<A>(y + i, fa);
    store<A>(y + i + kL, fb);
  }
  for (; i < n; i += kL) {
    const std::size_t count = n - i < kL ? n - i : kL;
    store_some<A>(y + i, f(load_some<A>(x + i, count)), count);
  }
}

}  // namespace
}  // namespace lamina::kernel
