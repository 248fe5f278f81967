// Vector x -> activations made of comparisons and a few operations. All keep NaN.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/exp.inl.hpp"

namespace lamina::kernel {
namespace {

template <class A>
LAMINA_INLINE Vec<A> relu_v(Vec<A> x) {
  return max_nan<A>(set<A>(0.0f), x);
}
template <class A>
LAMINA_INLINE Vec<A> clamp_v(Vec<A> x, Vec<A> low, Vec<A> high) {
  return min_nan<A>(high, max_nan<A>(low, x));
}
template <class A>
LAMINA_INLINE Vec<A> leaky_relu_v(Vec<A> x, Vec<A> slope) {
  return select<A>(x > set<A>(0.0f), x, slope * x);
}

/// x > threshold ? x (clipped to [0, max_value] if that is finite) : slope (x - threshold); 0 below if slope is 0.
template <class A>
LAMINA_INLINE Vec<A> keras_relu_v(Vec<A> x, Vec<A> max_value, Vec<A> slope, Vec<A> threshold) {
  const Vec<A> infinity = set<A>(__builtin_inff()), lowest = set<A>(-0x1.fffffep127f);
  const Vec<A> floor = select<A>(max_value == infinity, negate<A>(infinity), set<A>(0.0f));
  // Slope 0 has no product in Keras: kept finite, -inf gives 0.
  const Vec<A> least = select<A>(slope == set<A>(0.0f), lowest, negate<A>(infinity));
  return select<A>(x > threshold, clamp_v<A>(x, floor, max_value), slope * max_nan<A>(least, x - threshold));
}

template <class A>
LAMINA_INLINE Vec<A> elu_v(Vec<A> x, Vec<A> alpha) {
  const Vec<A> zero = set<A>(0.0f);
  return select<A>(x > zero, x, alpha * expm1_nonpositive<A>(min_nan<A>(zero, x)));
}
template <class A>
LAMINA_INLINE Vec<A> celu_v(Vec<A> x, Vec<A> alpha) {
  const Vec<A> zero = set<A>(0.0f);
  return max_nan<A>(zero, x) + min_nan<A>(zero, alpha * expm1_v<A>(divide<A>(x, alpha)));
}
template <class A>
LAMINA_INLINE Vec<A> selu_v(Vec<A> x, Vec<A> scale, Vec<A> alpha) {
  return scale * elu_v<A>(x, alpha);
}

template <class A>
LAMINA_INLINE Vec<A> softsign_v(Vec<A> x) {
  return divide<A>(x, set<A>(1.0f) + absolute<A>(x));
}
template <class A>
LAMINA_INLINE Vec<A> hardsigmoid_v(Vec<A> x) {
  const Vec<A> six = set<A>(6.0f);
  return divide<A>(clamp_v<A>(x + set<A>(3.0f), set<A>(0.0f), six), six);
}
/// x times the clamp would overflow first.
template <class A>
LAMINA_INLINE Vec<A> hardswish_v(Vec<A> x) {
  return x * hardsigmoid_v<A>(x);
}
template <class A>
LAMINA_INLINE Vec<A> hard_sigmoid_linear_v(Vec<A> x, Vec<A> alpha, Vec<A> beta) {
  return clamp_v<A>(fma<A>(alpha, x, beta), set<A>(0.0f), set<A>(1.0f));
}
template <class A>
LAMINA_INLINE Vec<A> sparse_sigmoid_v(Vec<A> x) {
  return hard_sigmoid_linear_v<A>(x, set<A>(0.5f), set<A>(0.5f));
}
template <class A>
LAMINA_INLINE Vec<A> sparse_plus_v(Vec<A> x) {
  const Vec<A> one = set<A>(1.0f);
  const Vec<A> half = set<A>(0.5f) * max_nan<A>(set<A>(0.0f), x + one);
  return select<A>(x >= one, x, half * half);
}

template <class A>
LAMINA_INLINE Vec<A> hardshrink_v(Vec<A> x, Vec<A> lambda) {
  return select<A>(absolute<A>(x) <= lambda, set<A>(0.0f), x);
}
/// x * 0 in the middle: 0, or NaN for NaN.
template <class A>
LAMINA_INLINE Vec<A> softshrink_v(Vec<A> x, Vec<A> lambda) {
  const Vec<A> below = select<A>(x < negate<A>(lambda), x + lambda, x * set<A>(0.0f));
  return select<A>(x > lambda, x - lambda, below);
}
template <class A>
LAMINA_INLINE Vec<A> threshold_v(Vec<A> x, Vec<A> threshold, Vec<A> value) {
  return select<A>(x <= threshold, value, x);
}

/// (x + sqrt(x^2 + b)) / 2; for x < 0 the same as (b/2) / (sqrt(x^2 + b) - x), which does not cancel. Halves are
/// taken early and x^2 is skipped where it would overflow: b is nothing beside it.
template <class A>
LAMINA_INLINE Vec<A> squareplus_v(Vec<A> x, Vec<A> b) {
  const Vec<A> a = absolute<A>(x), half = set<A>(0.5f);
  const Vec<A> root = half * select<A>(a > set<A>(0x1p63f), a, square_root<A>(fma<A>(x, x, b)));
  const Vec<A> negative = divide<A>(set<A>(0.25f) * b, fma<A>(half, a, root));
  return select<A>(x < set<A>(0.0f), negative, fma<A>(half, a, root));
}

}  // namespace
}  // namespace lamina::kernel
