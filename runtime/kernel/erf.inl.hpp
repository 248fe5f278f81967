// Vector x -> erf(x), GELU(x).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/exp.inl.hpp"

namespace lamina::kernel {
namespace {

/// erf(x) = 1 - e^(-g), g = -log(erfc |x|) = |x| G(|x|): no seam, and right near 0. G has degree 7 on [0, 3.95],
/// error relative to erf 5.2e-8 = 2^-24.2 (from rounding 2/sqrt(pi)); erf rounds to 1 beyond.
template <class A>
LAMINA_INLINE Vec<A> erf_v(Vec<A> x) {
  const Vec<A> a = min_nan<A>(set<A>(3.95f), absolute<A>(x));
  Vec<A> g = fma<A>(set<A>(3.71498827e-05f), a, set<A>(-0.000356887234f));
  g = fma<A>(g, a, set<A>(0.00119004899f));
  g = fma<A>(g, a, set<A>(0.000280696026f));
  g = fma<A>(g, a, set<A>(-0.0193664245f));
  g = fma<A>(g, a, set<A>(0.102826588f));
  g = fma<A>(g, a, set<A>(0.636615276f));
  g = fma<A>(g, a, set<A>(1.12837923f));
  return copy_sign<A>(one_minus_exp<A, 1>(a * g), x);
}

/// max(0, x) for functions x s(x) with s(-inf) = 0, which are NaN at -inf: x/2 + |x|/2.
template <class A>
LAMINA_INLINE Vec<A> relu_or_nan(Vec<A> x) {
  const Vec<A> half = set<A>(0.5f);
  return fma<A>(half, absolute<A>(x), half * x);
}

/// x Phi(x) = max(0, x) - |x| Phi(-|x|), so nothing cancels, and Phi(-a) = e^(-a^2/2) g(a): a^2 is kept in two
/// parts, because the rounding of one would cost 80 ulp in the tail; g = P/Q of degrees 4 and 5 on [0, 14.5], error
/// 5.9e-9 = 2^-27.3; beyond, the product rounds to 0. P is negated.
template <class A>
LAMINA_INLINE Vec<A> gelu_v(Vec<A> x) {
  const Vec<A> a = min_nan<A>(set<A>(14.5f), absolute<A>(x));
  const Vec<A> half = set<A>(-0.5f) * a;
  const Vec<A> square = half * a;
  const Power<A> e = exp_power<A>(square, fma<A>(half, a, -square));
  Vec<A> p = fma<A>(set<A>(-0.00411626792f), a, set<A>(-0.0406329883f));
  p = fma<A>(p, a, set<A>(-0.183234494f));
  p = fma<A>(p, a, set<A>(-0.43829418f));
  p = fma<A>(p, a, set<A>(-0.5f));
  Vec<A> q = fma<A>(set<A>(0.0103178338f), a, set<A>(0.101858244f));
  q = fma<A>(q, a, set<A>(0.469468912f));
  q = fma<A>(q, a, set<A>(1.20250062f));
  q = fma<A>(q, a, set<A>(1.67447334f));
  q = fma<A>(q, a, set<A>(1.0f));
  return relu_or_nan<A>(x) + scale_down<A>((a * e.p) * p / q, e);
}

}  // namespace
}  // namespace lamina::kernel
