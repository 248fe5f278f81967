// What xsimd lacks or says differently per version -> one small set of vector operations for every kernel.
// SPDX-License-Identifier: Apache-2.0
//
// Everything here has internal linkage and is inlined: an object of isa/ exports nothing but its table.
#pragma once

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <cstdint>

namespace lamina::kernel {
namespace {

#define LAMINA_INLINE inline __attribute__((always_inline))

template <class A>
using Vec = xsimd::batch<float, A>;
template <class A>
using IntVec = xsimd::batch<std::int32_t, A>;
template <class A>
using Mask = xsimd::batch_bool<float, A>;

/// 0, 1, ..., N - 1 as a pack: std::integer_sequence without the standard library.
template <int... I>
struct Ints {};
template <int N, int... I>
struct MakeIntsOf : MakeIntsOf<N - 1, N - 1, I...> {};
template <int... I>
struct MakeIntsOf<0, I...> {
  using Type = Ints<I...>;
};
template <int N>
using MakeInts = typename MakeIntsOf<N>::Type;

/// Floats per vector.
template <class A>
inline constexpr std::size_t kLanes = Vec<A>::size;

template <class A>
LAMINA_INLINE Vec<A> set(float value) {
  return Vec<A>(value);
}
template <class A>
LAMINA_INLINE Vec<A> load(const float* p) {
  return Vec<A>::load_unaligned(p);
}
template <class A>
LAMINA_INLINE void store(float* p, Vec<A> v) {
  v.store_unaligned(p);
}

// a * b + c, one rounding where the instruction set has it (SSE4.2 has not: two roundings).
// xsimd 8.1 has no AVX-512 fma: its generic one leaves contraction to the compiler.
template <class A>
LAMINA_INLINE Vec<A> fma(Vec<A> a, Vec<A> b, Vec<A> c) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_fmadd_ps(a, b, c));
#endif
#if defined(__FMA__)
  if constexpr (kLanes<A> == 8) return Vec<A>(_mm256_fmadd_ps(a, b, c));
#endif
#if defined(__aarch64__)
  if constexpr (kLanes<A> == 4) return Vec<A>(vfmaq_f32(c, a, b));
#endif
  return a * b + c;
}
/// c - a * b, one rounding.
template <class A>
LAMINA_INLINE Vec<A> fnma(Vec<A> a, Vec<A> b, Vec<A> c) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_fnmadd_ps(a, b, c));
#endif
#if defined(__FMA__)
  if constexpr (kLanes<A> == 8) return Vec<A>(_mm256_fnmadd_ps(a, b, c));
#endif
#if defined(__aarch64__)
  if constexpr (kLanes<A> == 4) return Vec<A>(vfmsq_f32(c, a, b));
#endif
  return c - a * b;
}

// max and min that return x where x is NaN or equals bound, so that NaN and the sign of zero are kept alike
// everywhere: the second operand of x86. xsimd::max has it first up to 13 and second later; NEON takes
// max(+0, -0) = +0, so it compares and selects.
template <class A>
LAMINA_INLINE Vec<A> max_nan(Vec<A> bound, Vec<A> x) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_max_ps(bound, x));
#endif
#if defined(__AVX__)
  if constexpr (kLanes<A> == 8) return Vec<A>(_mm256_max_ps(bound, x));
#endif
#if defined(__SSE2__)
  if constexpr (kLanes<A> == 4) return Vec<A>(_mm_max_ps(bound, x));
#else
  return xsimd::select(bound > x, bound, x);
#endif
}
template <class A>
LAMINA_INLINE Vec<A> min_nan(Vec<A> bound, Vec<A> x) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_min_ps(bound, x));
#endif
#if defined(__AVX__)
  if constexpr (kLanes<A> == 8) return Vec<A>(_mm256_min_ps(bound, x));
#endif
#if defined(__SSE2__)
  if constexpr (kLanes<A> == 4) return Vec<A>(_mm_min_ps(bound, x));
#else
  return xsimd::select(bound < x, bound, x);
#endif
}

// Correctly rounded on arm64 too: there xsimd (8.1 and 14.3) estimates and refines float quotients and roots.
template <class A>
LAMINA_INLINE Vec<A> divide(Vec<A> a, Vec<A> b) {
#if defined(__aarch64__)
  return Vec<A>(vdivq_f32(a, b));
#else
  return a / b;
#endif
}
template <class A>
LAMINA_INLINE Vec<A> square_root(Vec<A> x) {
#if defined(__aarch64__)
  return Vec<A>(vsqrtq_f32(x));
#else
  return xsimd::sqrt(x);
#endif
}

template <class A>
LAMINA_INLINE Vec<A> select(Mask<A> m, Vec<A> yes, Vec<A> no) {
  return xsimd::select(m, yes, no);
}
template <class A>
LAMINA_INLINE Mask<A> is_nan(Vec<A> x) {
  return x != x;
}
// bitwise_cast names a batch up to xsimd 10, an element type since 11; on arm64 that of 8.1 stays an exported function.
template <class A>
LAMINA_INLINE IntVec<A> as_int(Vec<A> v) {
#if defined(__aarch64__)
  return IntVec<A>(vreinterpretq_s32_f32(v));
#elif XSIMD_VERSION_MAJOR >= 11
  return xsimd::bitwise_cast<std::int32_t>(v);
#else
  return xsimd::bitwise_cast<IntVec<A> >(v);
#endif
}
template <class A>
LAMINA_INLINE Vec<A> as_float(IntVec<A> v) {
#if defined(__aarch64__)
  return Vec<A>(vreinterpretq_f32_s32(v));
#elif XSIMD_VERSION_MAJOR >= 11
  return xsimd::bitwise_cast<float>(v);
#else
  return xsimd::bitwise_cast<Vec<A> >(v);
#endif
}
template <class A>
LAMINA_INLINE Vec<A> absolute(Vec<A> x) {
  return as_float<A>(as_int<A>(x) & IntVec<A>(0x7fffffff));
}
template <class A>
LAMINA_INLINE Vec<A> with_sign_bit(Vec<A> x) {
  return as_float<A>(as_int<A>(x) | IntVec<A>(static_cast<std::int32_t>(0x80000000u)));
}
/// -x. The operator of xsimd 8.1 is 0 - x on AVX-512, which keeps +0.
template <class A>
LAMINA_INLINE Vec<A> negate(Vec<A> x) {
  return as_float<A>(as_int<A>(x) ^ IntVec<A>(static_cast<std::int32_t>(0x80000000u)));
}
/// |x| with the sign of s.
template <class A>
LAMINA_INLINE Vec<A> copy_sign(Vec<A> x, Vec<A> s) {
  return as_float<A>((as_int<A>(x) & IntVec<A>(0x7fffffff)) |
                     (as_int<A>(s) & IntVec<A>(static_cast<std::int32_t>(0x80000000u))));
}

/// x with the sign of s, where x has none: x >= 0 or NaN.
template <class A>
LAMINA_INLINE Vec<A> with_sign_of(Vec<A> x, Vec<A> s) {
  return as_float<A>(as_int<A>(x) | (as_int<A>(s) & IntVec<A>(static_cast<std::int32_t>(0x80000000u))));
}

/// a b - product, where product = a * b rounded: exact. Without fma by Dekker's splitting into 12-bit halves.
template <class A>
LAMINA_INLINE Vec<A> product_low(Vec<A> a, Vec<A> b, Vec<A> product) {
#if defined(__FMA__) || defined(__aarch64__)
  return fma<A>(a, b, negate<A>(product));
#else
  const Vec<A> splitter = set<A>(4097.0f);
  const Vec<A> sa = splitter * a, sb = splitter * b;
  const Vec<A> a_high = sa - (sa - a), b_high = sb - (sb - b);
  const Vec<A> a_low = a - a_high, b_low = b - b_high;
  return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
#endif
}

// The first n < kLanes floats at p; the other lanes are `fill`. Never reads beyond them: xsimd 8.1 has no masked load.
template <class A>
LAMINA_INLINE Vec<A> load_part(const float* p, std::size_t n, float fill = 0.0f) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) {
    const auto mask = static_cast<__mmask16>((1u << n) - 1u);
    return Vec<A>(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), mask, p));
  }
#endif
#if defined(__AVX2__)
  if constexpr (kLanes<A> == 8) {
    const __m256i mask =
        _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return Vec<A>(_mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask)));
  }
#endif
  alignas(64) float lanes[kLanes<A>];
  for (std::size_t i = 0; i < kLanes<A>; ++i) lanes[i] = i < n ? p[i] : fill;
  return Vec<A>::load_aligned(lanes);
}
/// Stores the first n < kLanes lanes, nothing beyond.
template <class A>
LAMINA_INLINE void store_part(float* p, Vec<A> v, std::size_t n) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), v);
    return;
  }
#endif
#if defined(__AVX2__)
  // Halves instead of a masked store, which is 40 micro-operations on AMD up to Zen 4.
  if constexpr (kLanes<A> == 8) {
    const __m256 all = v;
    __m128 left = _mm256_castps256_ps128(all);
    if ((n & 4) != 0) {
      _mm_storeu_ps(p, left);
      left = _mm256_extractf128_ps(all, 1);
      p += 4;
    }
    if ((n & 2) != 0) {
      _mm_storel_pi(reinterpret_cast<__m64*>(p), left);
      left = _mm_movehl_ps(left, left);
      p += 2;
    }
    if ((n & 1) != 0) _mm_store_ss(p, left);
    return;
  }
#endif
  alignas(64) float lanes[kLanes<A>];
  v.store_aligned(lanes);
  for (std::size_t i = 0; i < n; ++i) p[i] = lanes[i];
}

}  // namespace
}  // namespace lamina::kernel
