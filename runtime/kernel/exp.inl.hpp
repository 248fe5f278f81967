// Vector x -> e^x and its relatives: exp, expm1, 1 - e^-x.
// SPDX-License-Identifier: Apache-2.0
//
// x = n ln2 + r with |r| <= ln2/2 (and a little), e^x = 2^n (1 + r + r^2 q(r)). Every step is one IEEE operation or
// one fma, so AVX2, AVX-512 and NEON give the same bits. A result may be denormal: 2^n is applied last, with one
// rounding.
#pragma once

#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

inline constexpr float kLog2e = 1.44269504f;
// High part of 17 bits: its product with n (8 bits) is exact, also where there is no fma.
inline constexpr float kLn2High = 0x1.62e4p-1f;
inline constexpr float kLn2Low = 0x1.7f7d1cp-20f;
inline constexpr float kLn2 = 0.693147181f;

// 1.5 2^23: adding it rounds to an integer, which then stands in the low bits of the sum, on top of a bias.
inline constexpr float kRound = 0x1.8p23f;
inline constexpr float kExponentBias = 127.0f;

/// v 2^n for an integer n, rounded once: one instruction of AVX-512, for which xsimd 8.1 has no name. By value: GCC 12
/// stores a member that an intrinsic reads through xsimd's conversion, on each step of a loop.
template <class A>
LAMINA_INLINE Vec<A> times_power_of_two(Vec<A> v, Vec<A> n) {
  return Vec<A>(_mm512_scalef_ps(v, n));
}

/// (1 + h) 2^n, not multiplied out: v e^r = v + v h is one fma.
template <class A>
struct Power {
  Vec<A> h;
  Vec<A> n;
  IntVec<A> lifted;  // low bits: n + 64 + 127
};

/// e^r - 1 = r + r^2 q(r). q of degree 4 on |r| <= 0.3475, error relative to e^r 3.2e-9 = 2^-28.2. Pairs of terms
/// (Estrin): as many fma as Horner and a shorter chain.
template <class A>
LAMINA_INLINE Vec<A> exp_minus_one(Vec<A> r) {
  const Vec<A> r2 = r * r;
  const Vec<A> low = fma<A>(set<A>(0.166665196f), r, set<A>(0.49999994f));
  Vec<A> high = fma<A>(set<A>(0.00836885069f), r, set<A>(0.0416682549f));
  high = fma<A>(set<A>(0.00138220203f), r2, high);
  return fma<A>(r2, fma<A>(high, r2, low), r);
}

/// e^(x + low), x in [-183, 89]; low is what x lost to rounding.
template <class A>
LAMINA_INLINE Power<A> exp_power(Vec<A> x, Vec<A> low) {
  const Vec<A> round = set<A>(kRound + 64.0f + kExponentBias);
  const Vec<A> t = fma<A>(x, set<A>(kLog2e), round);
  const Vec<A> n = t - round;
  const Vec<A> r = fnma<A>(n, set<A>(kLn2High), x) + fnma<A>(n, set<A>(kLn2Low), low);
  return {exp_minus_one<A>(r), n, as_int<A>(t)};
}
template <class A>
LAMINA_INLINE Power<A> exp_power(Vec<A> x) {
  const Vec<A> round = set<A>(kRound + 64.0f + kExponentBias);
  const Vec<A> t = fma<A>(x, set<A>(kLog2e), round);
  const Vec<A> n = t - round;
  const Vec<A> r = fnma<A>(n, set<A>(kLn2Low), fnma<A>(n, set<A>(kLn2High), x));
  return {exp_minus_one<A>(r), n, as_int<A>(t)};
}

/// v 2^n for a normal v and the n in [-190, 63] of that power, rounded once: v 2^(n + 64) is exact.
template <class A>
LAMINA_INLINE Vec<A> scale_down(Vec<A> v, const Power<A>& power) {
  if constexpr (kLanes<A> == 16) return times_power_of_two<A>(v, power.n);
  return (v * as_float<A>(power.lifted << 23)) * set<A>(0x1p-64f);
}

/// v 2^n over the whole range of n, rounded once: 2^n in two halves.
template <class A>
LAMINA_INLINE Vec<A> scale(Vec<A> v, const Power<A>& power) {
  if constexpr (kLanes<A> == 16) return times_power_of_two<A>(v, power.n);
  const IntVec<A> half = as_int<A>(fma<A>(power.n, set<A>(0.5f), set<A>(kRound + 64.0f)));
  const IntVec<A> rest = power.lifted - half;  // low bits: n - n/2 + 127
  return (v * as_float<A>(rest << 23)) * as_float<A>((half + IntVec<A>(63)) << 23);
}

// Beyond these e^x is infinite or zero in float32; the clamp keeps n in range and NaN as it is.
inline constexpr float kExpHigh = 89.0f;
inline constexpr float kExpLow = -104.0f;

template <class A>
LAMINA_INLINE Vec<A> exp_v(Vec<A> x) {
  const Power<A> e = exp_power<A>(min_nan<A>(set<A>(kExpHigh), max_nan<A>(set<A>(kExpLow), x)));
  return scale<A>(set<A>(1.0f) + e.h, e);
}
/// e^x for x <= 0.
template <class A>
LAMINA_INLINE Vec<A> exp_nonpositive(Vec<A> x) {
  const Power<A> e = exp_power<A>(max_nan<A>(set<A>(kExpLow), x));
  return scale_down<A>(set<A>(1.0f) + e.h, e);
}

/// (1 - e^(-F r)) / F - r + head, F a power of two: 1 - e^-r = r - r^2 q(-r), degree 4 on |r| <= 0.3475, error relative
/// to 1 - e^-r 1.4e-8 = 2^-26.1.
template <class A, int F = 1>
LAMINA_INLINE Vec<A> one_minus_exp_reduced(Vec<A> r, Vec<A> head) {
  constexpr float f = F;
  const Vec<A> r2 = r * r;
  const Vec<A> low = fma<A>(set<A>(0.16666545f * f * f), r, set<A>(-0.49999997f * f));
  Vec<A> high = fma<A>(set<A>(0.00836644694f * f * f * f * f), r, set<A>(-0.0416674465f * f * f * f));
  high = fma<A>(set<A>(-0.00138698414f * f * f * f * f * f), r2, high);
  return fma<A>(r2, fma<A>(high, r2, low), head);
}

/// e^(-F x) = s (1 - F h): s = 2^-n, h = (1 - e^(-F r)) / F, 0 <= x <= 80 / F. One constant for ln2 is enough where
/// e^(-F x) meets a 1: its error n 1.9e-9 comes with the factor 2^-n.
template <class A>
struct Decay {
  Vec<A> half_s, h;
};
template <class A, int F>
LAMINA_INLINE Decay<A> decay(Vec<A> x) {
  constexpr float f = F;
  const Vec<A> bias = set<A>(kRound + kExponentBias - 1.0f);
  const Vec<A> t = fnma<A>(x, set<A>(f * kLog2e), bias);
  const Vec<A> r = fnma<A>(bias - t, set<A>(kLn2 / f), x);
  return {as_float<A>(as_int<A>(t) << 23), one_minus_exp_reduced<A, F>(r, r)};
}
/// 1 - e^-x for 0 <= x <= 80: (1 - s) + s h, exact near 0 where s = 1.
template <class A>
LAMINA_INLINE Vec<A> one_minus_exp(Vec<A> x) {
  const Decay<A> e = decay<A, 1>(x);
  const Vec<A> s = e.half_s + e.half_s;
  return fma<A>(s, e.h, set<A>(1.0f) - s);
}

/// e^x - 1 for x <= 0.
template <class A>
LAMINA_INLINE Vec<A> expm1_nonpositive(Vec<A> x) {
  return negate<A>(one_minus_exp<A>(negate<A>(max_nan<A>(set<A>(-20.0f), x))));
}

/// e^x - 1 = 2 (2^(n-1) h + 2^(n-1) - 1/2) with h = e^r - 1: 2^n halved, so that n = 128 does not overflow early.
/// q is the one of decay(): its error is relative to h.
template <class A>
LAMINA_INLINE Vec<A> expm1_v(Vec<A> x) {
  const Vec<A> clamped = min_nan<A>(set<A>(kExpHigh), max_nan<A>(set<A>(-20.0f), x));
  const Vec<A> round = set<A>(kRound + kExponentBias - 1.0f);
  const Vec<A> t = fma<A>(clamped, set<A>(kLog2e), round);
  const Vec<A> n = t - round;
  const Vec<A> r = fnma<A>(n, set<A>(kLn2Low), fnma<A>(n, set<A>(kLn2High), clamped));
  Vec<A> q = fma<A>(set<A>(0.00138698414f), r, set<A>(0.00836644694f));
  q = fma<A>(q, r, set<A>(0.0416674465f));
  q = fma<A>(q, r, set<A>(0.16666545f));
  q = fma<A>(q, r, set<A>(0.49999997f));
  const Vec<A> h = fma<A>(r * r, q, r);
  const Vec<A> half_power = as_float<A>(as_int<A>(t) << 23);
  const Vec<A> y = fma<A>(half_power, h, half_power - set<A>(0.5f));
  return select<A>(n == set<A>(0.0f), h, y + y);  // h / 2 of a denormal would round
}

}  // namespace
}  // namespace lamina::kernel
