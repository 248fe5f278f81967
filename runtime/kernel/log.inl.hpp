// Vector x -> logarithms: log, log1p, and log1p of [0, 1] alone.
// SPDX-License-Identifier: Apache-2.0
//
// With s = f / (2 + f): log(1 + f) = 2 atanh(s) = 2 s + s R(s^2), R(z) = z P(z).
#pragma once

#include "kernel/exp.inl.hpp"

namespace lamina::kernel {
namespace {

inline constexpr float kInfinity = __builtin_inff();
inline constexpr float kNaN = __builtin_nanf("");
inline constexpr float kSqrtHalf = 0.707106769f;

/// k ln2 + log(1 + f) + c for f in [sqrt(1/2) - 1, sqrt(2) - 1]. Keeps f itself out of the rounding of the rest:
/// log(1 + f) = f - (f^2/2 - s (f^2/2 + R)). P has degree 2 on s^2 <= 0.0295, error 8.1e-10 of the result.
template <class A>
LAMINA_INLINE Vec<A> log_near_one(Vec<A> f, Vec<A> k, Vec<A> c) {
  const Vec<A> s = divide<A>(f, set<A>(2.0f) + f);
  const Vec<A> z = s * s;
  Vec<A> big_r = fma<A>(set<A>(0.298711002f), z, set<A>(0.399775773f));
  big_r = z * fma<A>(big_r, z, set<A>(0.666667759f));
  const Vec<A> half_square = set<A>(0.5f) * f * f;
  const Vec<A> low = fma<A>(s, half_square + big_r, fma<A>(k, set<A>(kLn2Low), c));
  return fma<A>(k, set<A>(kLn2High), f - (half_square - low));
}

/// m 2^k = u with m in [sqrt(1/2), sqrt(2)), for normal u > 0.
template <class A>
struct Mantissa {
  Vec<A> m, k;
};
template <class A>
LAMINA_INLINE Mantissa<A> split_exponent(Vec<A> u) {
  const IntVec<A> bits = as_int<A>(u), k = (bits - as_int<A>(set<A>(kSqrtHalf))) >> 23;
  return {as_float<A>(bits - (k << 23)), xsimd::to_float(k)};
}

/// What a logarithm is where u <= 0, u is infinite or NaN; y elsewhere.
template <class A>
LAMINA_INLINE Vec<A> log_edges(Vec<A> u, Vec<A> y) {
  y = select<A>(u == set<A>(kInfinity), u, y);
  y = select<A>(u == set<A>(0.0f), set<A>(-kInfinity), y);
  return select<A>(u >= set<A>(0.0f), y, set<A>(kNaN));
}

template <class A>
LAMINA_INLINE Vec<A> log_v(Vec<A> x) {
  const Mask<A> denormal = x < set<A>(0x1p-126f);
  const Mantissa<A> u = split_exponent<A>(select<A>(denormal, x * set<A>(0x1p24f), x));
  const Vec<A> k = u.k - select<A>(denormal, set<A>(24.0f), set<A>(0.0f));
  return log_edges<A>(x, log_near_one<A>(u.m - set<A>(1.0f), k, set<A>(0.0f)));
}

/// u = 1 + x rounds; c = (1 + x - u) / u gives back what it lost. Near 0 nothing is lost: f = x.
template <class A>
LAMINA_INLINE Vec<A> log1p_v(Vec<A> x) {
  const Vec<A> one = set<A>(1.0f), zero = set<A>(0.0f);
  const Vec<A> u = one + x;
  const Mantissa<A> v = split_exponent<A>(u);
  const Mask<A> near = v.k == zero;
  const Vec<A> lost = divide<A>(select<A>(x > one, one - (u - x), x - (u - one)), u);
  const Vec<A> y = log_near_one<A>(select<A>(near, x, v.m - one), v.k, select<A>(near, zero, lost));
  return log_edges<A>(u, y);
}

/// log(1 + u) for u in [0, 1] (NaN stays): no exponent to split, s <= 1/3. P has degree 3, error 4.6e-9 = 2^-27.7.
template <class A>
LAMINA_INLINE Vec<A> log1p_unit(Vec<A> u) {
  const Vec<A> two = set<A>(2.0f);
  const Vec<A> s = divide<A>(u, two + u);
  const Vec<A> z = s * s;
  Vec<A> p = fma<A>(set<A>(0.280272216f), z, set<A>(0.279985905f));
  p = fma<A>(p, z, set<A>(0.400217354f));
  p = fma<A>(p, z, set<A>(0.666664124f));
  return s * fma<A>(p, z, two);
}

}  // namespace
}  // namespace lamina::kernel
