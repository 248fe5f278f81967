// Vector x -> sigmoid, tanh and the activations made of them.
// SPDX-License-Identifier: Apache-2.0
//
// All start from E = e^-|x| <= 1, so nothing overflows. Products x E keep the power of two apart to the end:
// E alone is denormal from |x| = 87 on, x E is not.
#pragma once

#include "kernel/erf.inl.hpp"
#include "kernel/log.inl.hpp"

namespace lamina::kernel {
namespace {

/// x >= 0: 1 / (1 + E); x < 0: E / (1 + E).
template <class A>
LAMINA_INLINE Vec<A> sigmoid_v(Vec<A> x) {
  const Vec<A> one = set<A>(1.0f);
  const Vec<A> e = exp_nonpositive<A>(negative_magnitude<A>(x));
  return select<A>(x < set<A>(0.0f), e, one) / (one + e);
}

/// With u = (1 - e^(-2|x|)) / 2: u / (1 - u).
template <class A>
LAMINA_INLINE Vec<A> tanh_v(Vec<A> x) {
  const Vec<A> u = one_minus_exp<A, 2>(min_nan<A>(set<A>(10.0f), absolute<A>(x)));
  return copy_sign<A>(u / (set<A>(1.0f) - u), x);
}

/// x - tanh(x): for |x| < 1.45 an odd polynomial, because the two cancel: x^3 P(x^2), degree 9, error 3e-8 = 2^-25.
template <class A>
LAMINA_INLINE Vec<A> tanhshrink_v(Vec<A> x) {
  const Vec<A> z = x * x;
  Vec<A> p = fma<A>(set<A>(-4.31292665e-06f), z, set<A>(5.34888604e-05f));
  p = fma<A>(p, z, set<A>(-0.000310126401f));
  p = fma<A>(p, z, set<A>(0.0011660012f));
  p = fma<A>(p, z, set<A>(-0.0034023351f));
  p = fma<A>(p, z, set<A>(0.00879433006f));
  p = fma<A>(p, z, set<A>(-0.0218604244f));
  p = fma<A>(p, z, set<A>(0.0539695844f));
  p = fma<A>(p, z, set<A>(-0.133333698f));
  p = fma<A>(p, z, set<A>(0.333333343f));
  return select<A>(absolute<A>(x) < set<A>(1.45f), (p * x) * z, x - tanh_v<A>(x));
}

/// a 2^n p / (1 + 2^n p) for a = -|x| and a power below 1: the negative branch of x sigmoid(.), tail included.
template <class A>
LAMINA_INLINE Vec<A> times_sigmoid_of(Vec<A> a, const Power<A>& e) {
  return scale_down<A>((a * e.p) / (set<A>(1.0f) + scale_down<A>(e.p, e)), e);
}

/// x sigmoid(x) = max(0, x) - |x| sigmoid(-|x|). |x| E rounds to 0 beyond 110.
template <class A>
LAMINA_INLINE Vec<A> silu_v(Vec<A> x) {
  const Vec<A> a = max_nan<A>(set<A>(-110.0f), negative_magnitude<A>(x));
  return relu_or_nan<A>(x) + times_sigmoid_of<A>(a, exp_power<A>(a));
}

/// x/2 (1 + tanh u) = x sigmoid(2u) with 2u = x (c0 + c1 x^2), c0 = 2 sqrt(2/pi), c1 = 0.044715 c0. In the tail 2u
/// reaches 107, where its rounding alone would cost 80 ulp: it is carried in two parts. The high part of c0 has six
/// bits, so that what c0 + c1 x^2 loses is found by one exact subtraction.
template <class A>
LAMINA_INLINE Vec<A> gelu_tanh_v(Vec<A> x) {
  const Vec<A> c0_high = set<A>(1.59375f), c0_low = set<A>(0.00201912154f);
  const Vec<A> c1 = set<A>(0.0713548139f), c1_low = set<A>(2.39883247e-09f);
  const Vec<A> a = max_nan<A>(set<A>(-11.5f), negative_magnitude<A>(x));
  const Vec<A> z = a * a;
  const Vec<A> z_low = fma<A>(a, a, -z);
  const Vec<A> w = fma<A>(c1, z, c0_high);
  Vec<A> w_low = fma<A>(c1, z, c0_high - w) + c0_low;
  w_low = fma<A>(c1_low, z, fma<A>(c1, z_low, w_low));
  const Vec<A> y = a * w;
  const Vec<A> y_low = fma<A>(a, w_low, fma<A>(a, w, -y));
  return relu_or_nan<A>(x) + times_sigmoid_of<A>(a, exp_power<A>(y, y_low));
}

/// x tanh(log(1 + e^x)): x >= 0: x (1 + 2E) / (1 + 2E + 2E^2); x < 0: x E (2 + E) / (2 + 2E + E^2).
template <class A>
LAMINA_INLINE Vec<A> mish_v(Vec<A> x) {
  const Vec<A> one = set<A>(1.0f), two = set<A>(2.0f), zero = set<A>(0.0f);
  const Mask<A> negative = x < zero;
  Power<A> power = exp_power<A>(max_nan<A>(set<A>(-110.0f), negative_magnitude<A>(x)));
  const Vec<A> e = scale_down<A>(power.p, power);
  const Vec<A> double_e = e + e;
  const Vec<A> top = select<A>(negative, power.p * (two + e), one + double_e);
  const Vec<A> bottom = select<A>(negative, fma<A>(e, e, two), fma<A>(double_e, e, one)) + double_e;
  const Vec<A> y = x * top / bottom;
  // min(0, x) * 0 is NaN at -inf, which x 2^n is not.
  return fma<A>(min_nan<A>(zero, x), zero, select<A>(negative, scale_down<A>(y, power), y));
}

/// log(1 + e^(beta x)) / beta; x itself where beta x > threshold.
template <class A>
LAMINA_INLINE Vec<A> softplus_v(Vec<A> x, Vec<A> beta, Vec<A> threshold) {
  const Vec<A> z = beta * x;
  const Vec<A> y = max_nan<A>(set<A>(0.0f), z) + log1p_unit<A>(exp_nonpositive<A>(negative_magnitude<A>(z)));
  return select<A>(z > threshold, x, y * (set<A>(1.0f) / beta));
}

/// -log(1 + e^-x).
template <class A>
LAMINA_INLINE Vec<A> log_sigmoid_v(Vec<A> x) {
  return min_nan<A>(set<A>(0.0f), x) - log1p_unit<A>(exp_nonpositive<A>(negative_magnitude<A>(x)));
}

}  // namespace
}  // namespace lamina::kernel
