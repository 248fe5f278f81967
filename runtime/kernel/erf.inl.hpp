// Vector x -> erf(x), GELU(x).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/exp.inl.hpp"

namespace lamina::kernel {
namespace {

/// erf(x) = 1 - e^(-g), g = -log(erfc |x|) = |x| G(|x|): no seam, and right near 0. G has degree 7 on [0, 3.95],
/// error relative to erf 5.2e-8 = 2^-24.2 (from rounding 2/sqrt(pi)); erf rounds to 1 beyond. Terms in pairs, for a
/// shorter chain, but for the largest, whose rounding counts.
template <class A>
LAMINA_INLINE Vec<A> erf_v(Vec<A> x) {
  const Vec<A> a = min_nan<A>(set<A>(3.95f), absolute<A>(x));
  const Vec<A> a2 = a * a;
  const Vec<A> g1 = fma<A>(set<A>(0.102826588f), a, set<A>(0.636615276f));
  const Vec<A> g3 = fma<A>(set<A>(0.000280696026f), a, set<A>(-0.0193664245f));
  const Vec<A> g5 = fma<A>(set<A>(-0.000356887234f), a, set<A>(0.00119004899f));
  Vec<A> g = fma<A>(fma<A>(fma<A>(set<A>(3.71498827e-05f), a2, g5), a2, g3), a2, g1);
  g = fma<A>(g, a, set<A>(1.12837923f));
  return with_sign_of<A>(one_minus_exp<A>(a * g), x);
}

/// max(0, x) for functions x s(x) with s(-inf) = 0, which are NaN at -inf: x/2 + |x|/2.
template <class A>
LAMINA_INLINE Vec<A> relu_or_nan(Vec<A> x) {
  const Vec<A> half = set<A>(0.5f);
  return fma<A>(half, absolute<A>(x), half * x);
}

/// x Phi(x) = max(0, x) - |x| Phi(-|x|), so nothing cancels. Phi(-a) = e^(-a^2/2) v / (sqrt(2 pi) v + N(a)) with
/// v = a P(a), Mills' ratio: for large a the rounding of v cancels. P and N of degree 4 on [0, 14.4], error
/// 1.9e-8 = 2^-25.6; beyond, the product rounds to 0. -a^2/2 is kept in two parts: the rounding of one would cost 80
/// ulp in the tail.
template <class A>
LAMINA_INLINE Vec<A> gelu_v(Vec<A> x) {
  const Vec<A> a = max_nan<A>(set<A>(-14.4f), with_sign_bit<A>(x));  // -|x|
  const Vec<A> half = set<A>(-0.5f) * a;
  const Vec<A> square = half * a;
  const Power<A> e = exp_power<A>(square, product_low<A>(half, a, square));
  Vec<A> p = fma<A>(set<A>(-2.0f * 0.0096195247f), a, set<A>(2.0f * 0.0904895216f));
  p = fma<A>(p, a, set<A>(-2.0f * 0.39360103f));
  p = fma<A>(p, a, set<A>(2.0f * 0.912808776f));
  Vec<A> q = fma<A>(set<A>(2.48553783e-06f), a, set<A>(-0.0240000673f));
  q = fma<A>(q, a, set<A>(0.228983909f));
  q = fma<A>(q, a, set<A>(-0.914759874f));
  const Vec<A> v = fma<A>(square, p, a);
  const Vec<A> bottom = fnma<A>(set<A>(2.50662827f), v, q * a) + set<A>(2.0f);
  return relu_or_nan<A>(x) + scale_down<A>(divide<A>(fma<A>(v, e.h, v), bottom), e);
}

}  // namespace
}  // namespace lamina::kernel
