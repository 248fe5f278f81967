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

/// p 2^n, not multiplied out.
template <class A>
struct Power {
  Vec<A> p;
  Vec<A> n;
  IntVec<A> lifted;  // low bits: n + 64 + 127
};

/// q(r) with e^r = 1 + r + r^2 q(r). Degree 4 on |r| <= 0.3475, error relative to e^r 3.2e-9 = 2^-28.2.
template <class A>
LAMINA_INLINE Vec<A> exp_tail(Vec<A> r) {
  Vec<A> q = fma<A>(set<A>(0.00138220203f), r, set<A>(0.00836885069f));
  q = fma<A>(q, r, set<A>(0.0416682549f));
  q = fma<A>(q, r, set<A>(0.166665196f));
  return fma<A>(q, r, set<A>(0.49999994f));
}

/// x = n ln2 + r; low bits of `lifted`: n + bias.
template <class A>
struct Reduced {
  Vec<A> r;
  Vec<A> n;
  IntVec<A> lifted;
};
template <class A>
LAMINA_INLINE Reduced<A> reduce_ln2(Vec<A> x, float bias) {
  const Vec<A> round = set<A>(kRound + bias);
  const Vec<A> t = fma<A>(x, set<A>(kLog2e), round);
  const Vec<A> n = t - round;
  return {fnma<A>(n, set<A>(kLn2Low), fnma<A>(n, set<A>(kLn2High), x)), n, as_int<A>(t)};
}

/// e^x, x in [-183, 89].
template <class A>
LAMINA_INLINE Power<A> exp_power(const Reduced<A>& x) {
  const Vec<A> one = set<A>(1.0f);
  return {fma<A>(fma<A>(exp_tail<A>(x.r), x.r, one), x.r, one), x.n, x.lifted};
}
template <class A>
LAMINA_INLINE Power<A> exp_power(Vec<A> x) {
  return exp_power<A>(reduce_ln2<A>(x, 64.0f + kExponentBias));
}
/// e^(x + low), where low holds what x lost to rounding.
template <class A>
LAMINA_INLINE Power<A> exp_power(Vec<A> x, Vec<A> low) {
  Reduced<A> reduced = reduce_ln2<A>(x, 64.0f + kExponentBias);
  reduced.r = reduced.r + low;
  return exp_power<A>(reduced);
}

/// v 2^n for a normal v and n in [-190, 63] of that power, rounded once: v 2^(n + 64) is exact.
template <class A>
LAMINA_INLINE Vec<A> scale_down(Vec<A> v, const Power<A>& power) {
#if defined(__AVX512F__)
  // No such operation in xsimd 8.1; it is one instruction and rounds once as well.
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_scalef_ps(v, power.n));
#endif
  return (v * as_float<A>(power.lifted << 23)) * set<A>(0x1p-64f);
}

/// p 2^n over the whole range of n, rounded once: 2^n in two halves.
template <class A>
LAMINA_INLINE Vec<A> value(const Power<A>& power) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_scalef_ps(power.p, power.n));
#endif
  const IntVec<A> half = as_int<A>(fma<A>(power.n, set<A>(0.5f), set<A>(kRound + 64.0f)));
  const IntVec<A> rest = power.lifted - half;  // low bits: n - n/2 + 127
  return (power.p * as_float<A>(rest << 23)) * as_float<A>((half + IntVec<A>(63)) << 23);
}

// Beyond these e^x is infinite or zero in float32; the clamp keeps n in range and NaN as it is.
inline constexpr float kExpHigh = 89.0f;
inline constexpr float kExpLow = -104.0f;

template <class A>
LAMINA_INLINE Vec<A> exp_v(Vec<A> x) {
  return value<A>(exp_power<A>(min_nan<A>(set<A>(kExpHigh), max_nan<A>(set<A>(kExpLow), x))));
}
/// e^x for x <= 0.
template <class A>
LAMINA_INLINE Vec<A> exp_nonpositive(Vec<A> x) {
  const Power<A> e = exp_power<A>(max_nan<A>(set<A>(kExpLow), x));
  return scale_down<A>(e.p, e);
}
template <class A>
LAMINA_INLINE Vec<A> negative_magnitude(Vec<A> x) {
  return as_float<A>(as_int<A>(x) | IntVec<A>(static_cast<std::int32_t>(0x80000000u)));
}

/// (1 - e^(-F x)) / F for 0 <= x <= 80 / F, F a power of two; relative error of one rounding or so everywhere.
/// 1 - e^(-n ln2 - r) = (1 - 2^-n) + 2^-n (1 - e^-r): exact where n = 0. One constant for ln2 is enough: its error
/// n 1.9e-9 meets the factor 2^-n.
/// 1 - e^-r = r - r^2 q(-r): degree 4, error relative to the result 1.4e-8 = 2^-26.1.
template <class A, int F>
LAMINA_INLINE Vec<A> one_minus_exp(Vec<A> x) {
  constexpr float f = F;
  const Vec<A> bias = set<A>(kRound + kExponentBias), inverse = set<A>(1.0f / f);
  const Vec<A> t = fnma<A>(x, set<A>(f * kLog2e), bias);
  const Vec<A> r = fnma<A>(bias - t, set<A>(kLn2 / f), x);
  const Vec<A> s = as_float<A>(as_int<A>(t) << 23);  // 2^-n
  Vec<A> q = fma<A>(set<A>(-0.00138698414f * f * f * f * f * f), r, set<A>(0.00836644694f * f * f * f * f));
  q = fma<A>(q, r, set<A>(-0.0416674465f * f * f * f));
  q = fma<A>(q, r, set<A>(0.16666545f * f * f));
  q = fma<A>(q, r, set<A>(-0.49999997f * f));
  return fma<A>(s, fma<A>(r * r, q, r), fnma<A>(s, inverse, inverse));
}

/// e^x - 1 for x <= 0.
template <class A>
LAMINA_INLINE Vec<A> expm1_nonpositive(Vec<A> x) {
  return -one_minus_exp<A, 1>(-max_nan<A>(set<A>(-20.0f), x));
}

/// e^x - 1 = 2 (2^(n-1) (e^r - 1) + 2^(n-1) - 1/2), halved so that n = 128 does not overflow early.
template <class A>
LAMINA_INLINE Vec<A> expm1_v(Vec<A> x) {
  const Vec<A> clamped = min_nan<A>(set<A>(kExpHigh), max_nan<A>(set<A>(-20.0f), x));
  const Reduced<A> reduced = reduce_ln2<A>(clamped, kExponentBias - 1.0f);
  const Vec<A> r = reduced.r;
  Vec<A> q = fma<A>(set<A>(0.00138698414f), r, set<A>(0.00836644694f));
  q = fma<A>(q, r, set<A>(0.0416674465f));
  q = fma<A>(q, r, set<A>(0.16666545f));
  q = fma<A>(q, r, set<A>(0.49999997f));
  const Vec<A> h = fma<A>(r * r, q, r);
  const Vec<A> half_power = as_float<A>(reduced.lifted << 23);
  const Vec<A> y = fma<A>(half_power, h, half_power - set<A>(0.5f));
  return select<A>(reduced.n == set<A>(0.0f), h, y + y);  // h / 2 of a denormal would round
}

}  // namespace
}  // namespace lamina::kernel
