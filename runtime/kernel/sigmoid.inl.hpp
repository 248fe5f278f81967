// Vector x -> sigmoid, tanh and the activations made of them.
// SPDX-License-Identifier: Apache-2.0
//
// Products with e^-|x| keep the power of two apart to the end: e^-|x| alone is denormal from |x| = 87 on, where
// x e^-|x| is not.
#pragma once

#include "kernel/exp.inl.hpp"
#include "kernel/log.inl.hpp"
#include "kernel/piecewise.inl.hpp"

namespace lamina::kernel {
namespace {

/// 1 / (1 + e^-x) = 2^m / d with x = m ln2 + r, d = (1 + 2^m) - (1 - e^-r). What the first sum loses goes into the
/// second term, so d is rounded once. m in [-190, 63].
template <class A>
struct Logistic {
  Vec<A> d, m;
  Vec<A> lifted;  // 2^(m + 64)
};
template <class A>
LAMINA_INLINE Logistic<A> logistic_of(Vec<A> t, Vec<A> m, Vec<A> r) {
  const Vec<A> one = set<A>(1.0f), lifted = as_float<A>(as_int<A>(t) << 23);
  Vec<A> power = lifted * set<A>(0x1p-64f);
  if constexpr (kLanes<A> == 16) power = times_power_of_two<A>(one, m);
  const Vec<A> sum = one + power, lost = power - (sum - one);
  return {sum - one_minus_exp_reduced<A>(r, r - lost), m, lifted};
}
template <class A>
LAMINA_INLINE Logistic<A> logistic(Vec<A> x) {
  const Vec<A> round = set<A>(kRound + 64.0f + kExponentBias);
  const Vec<A> t = fma<A>(x, set<A>(kLog2e), round), m = t - round;
  return logistic_of<A>(t, m, fnma<A>(m, set<A>(kLn2Low), fnma<A>(m, set<A>(kLn2High), x)));
}
/// The same of x + low, where low is what x lost to rounding.
template <class A>
LAMINA_INLINE Logistic<A> logistic(Vec<A> x, Vec<A> low) {
  const Vec<A> round = set<A>(kRound + 64.0f + kExponentBias);
  const Vec<A> t = fma<A>(x, set<A>(kLog2e), round), m = t - round;
  return logistic_of<A>(t, m, fnma<A>(m, set<A>(kLn2High), x) + fnma<A>(m, set<A>(kLn2Low), low));
}
/// v / (1 + e^-x) for |v| < 2^63, rounded once more where the result is denormal.
template <class A>
LAMINA_INLINE Vec<A> over(Vec<A> v, const Logistic<A>& s) {
  const Vec<A> quotient = divide<A>(v, s.d);
  if constexpr (kLanes<A> == 16) return times_power_of_two<A>(quotient, s.m);
  return (quotient * s.lifted) * set<A>(0x1p-64f);
}
/// y = x s(x) for a sigmoid s: x itself from `high` on, where s is 1; NaN at -inf, where it is 0.
template <class A>
LAMINA_INLINE Vec<A> gated(Vec<A> x, Vec<A> y, Vec<A> high) {
  const Vec<A> zero = set<A>(0.0f);
  return fma<A>(min_nan<A>(zero, x), zero, select<A>(x > high, x, y));
}

// 1 / (1 + e^-x) is 1 from 17 on, and 0 below -104; x / (1 + e^-x) below -110.
inline constexpr float kLogisticHigh = 25.0f;
inline constexpr float kLogisticLow = -110.0f;

template <class A>
LAMINA_INLINE Vec<A> sigmoid_v(Vec<A> x) {
  return over<A>(set<A>(1.0f), logistic<A>(clamp_v<A>(x, set<A>(kLogisticLow), set<A>(kLogisticHigh))));
}

/// u / v with u = (1 - e^(-2|x|)) / 2 and v = (1 + e^(-2|x|)) / 2, each rounded once: 1 - s and 1 + s are exact where h
/// counts. v taken from u would double the error of u where both are near 1/2.
template <class A>
LAMINA_INLINE Vec<A> tanh_v(Vec<A> x) {
  const Decay<A> e = decay<A, 2>(min_nan<A>(set<A>(10.0f), absolute<A>(x)));
  const Vec<A> half = set<A>(0.5f), s = e.half_s + e.half_s;
  return with_sign_of<A>(divide<A>(fma<A>(s, e.h, half - e.half_s), fnma<A>(s, e.h, half + e.half_s)), x);
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

template <class A>
LAMINA_INLINE Vec<A> silu_v(Vec<A> x) {
  const Vec<A> high = set<A>(kLogisticHigh);
  const Vec<A> v = clamp_v<A>(x, set<A>(kLogisticLow), high);
  return gated<A>(x, over<A>(v, logistic<A>(v)), high);
}

/// x/2 (1 + tanh u) = x sigmoid(2u) with 2u = x (c0 + c1 x^2), c0 = 2 sqrt(2/pi), c1 = 0.044715 c0. In the tail 2u
/// reaches 107, where its rounding alone would cost 80 ulp: it is carried in two parts. The high part of c0 has six
/// bits, so that what c0 + c1 x^2 loses is found by one exact subtraction.
template <class A>
LAMINA_INLINE Vec<A> gelu_tanh_v(Vec<A> x) {
  const Vec<A> c0_high = set<A>(1.59375f), c0_low = set<A>(0.00201912154f);
  const Vec<A> c1 = set<A>(0.0713548139f), c1_low = set<A>(2.39883247e-09f);
  const Vec<A> high = set<A>(7.0f);
  const Vec<A> a = clamp_v<A>(x, set<A>(-11.5f), high);
  const Vec<A> z = a * a;
  const Vec<A> c1_z = c1 * z;
  const Vec<A> w = c1_z + c0_high;
  Vec<A> w_low = ((c0_high - w) + c1_z) + c0_low;
  w_low = w_low + product_low<A>(c1, z, c1_z);
  w_low = fma<A>(c1_low, z, fma<A>(c1, product_low<A>(a, a, z), w_low));
  const Vec<A> y = a * w;
  const Vec<A> y_low = fma<A>(a, w_low, product_low<A>(a, w, y));
  return gated<A>(x, over<A>(a, logistic<A>(y, y_low)), high);
}

/// x tanh(log(1 + e^x)), with E = e^-|x| and k = 1, a = 2E for x >= 0, k = 2, a = E for x < 0:
/// x (k + a) / (k + a (k + E)), for x < 0 times E.
template <class A>
LAMINA_INLINE Vec<A> mish_v(Vec<A> x) {
  const Vec<A> one = set<A>(1.0f);
  const Mask<A> negative = x < set<A>(0.0f);
  const Power<A> power = exp_power<A>(max_nan<A>(set<A>(kLogisticLow), with_sign_bit<A>(x)));
  const Vec<A> e = scale_down<A>(one + power.h, power);
  const Vec<A> k = select<A>(negative, set<A>(2.0f), one), a = select<A>(negative, e, e + e);
  const Vec<A> low = max_nan<A>(set<A>(kLogisticLow), x);
  const Vec<A> top = fma<A>(low, a, low * k), bottom = fma<A>(a, e + k, k);
  const Vec<A> y = divide<A>(select<A>(negative, fma<A>(top, power.h, top), top), bottom);
  return gated<A>(x, select<A>(negative, scale_down<A>(y, power), y), set<A>(kLogisticHigh));
}

/// log(1 + e^(beta x)) / beta; x itself where beta x > threshold.
template <class A>
LAMINA_INLINE Vec<A> softplus_v(Vec<A> x, Vec<A> beta, Vec<A> threshold) {
  const Vec<A> z = beta * x;
  const Vec<A> y = max_nan<A>(set<A>(0.0f), z) + log1p_unit<A>(exp_nonpositive<A>(with_sign_bit<A>(z)));
  return select<A>(z > threshold, x, y * divide<A>(set<A>(1.0f), beta));
}

/// -log(1 + e^-x).
template <class A>
LAMINA_INLINE Vec<A> log_sigmoid_v(Vec<A> x) {
  return min_nan<A>(set<A>(0.0f), x) - log1p_unit<A>(exp_nonpositive<A>(with_sign_bit<A>(x)));
}

}  // namespace
}  // namespace lamina::kernel
