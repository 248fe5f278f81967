// Vectors side by side -> 16 virtual lanes and their reductions, in one order on every instruction set.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// Reductions run over 16 virtual lanes on every instruction set, so that their order is the same on all.
inline constexpr std::size_t kVirtualLanes = 16;

/// 16 virtual lanes: one AVX-512 vector, two of AVX2, four of SSE and NEON.
template <class A>
struct Wide {
  static constexpr std::size_t kParts = kVirtualLanes / kLanes<A>;
  Vec<A> part[kParts];
};
template <class A>
LAMINA_INLINE Wide<A> wide_set(float value) {
  Wide<A> w;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) w.part[i] = set<A>(value);
  return w;
}
/// The first n <= 16 floats at p, the rest `fill`.
template <class A>
LAMINA_INLINE Wide<A> wide_load(const float* p, std::size_t n, float fill = 0.0f) {
  Wide<A> w;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) {
    const std::size_t begin = i * kLanes<A>;
    if (n >= begin + kLanes<A>) {
      w.part[i] = load<A>(p + begin);
    } else {
      w.part[i] = n > begin ? load_part<A>(p + begin, n - begin, fill) : set<A>(fill);
    }
  }
  return w;
}

/// Stores the first count <= 16 lanes.
template <class A>
LAMINA_INLINE void wide_store(float* y, const Wide<A>& w, std::size_t count) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) {
    const std::size_t begin = i * kLanes<A>;
    if (count >= begin + kLanes<A>) {
      store<A>(y + begin, w.part[i]);
    } else if (count > begin) {
      store_part<A>(y + begin, w.part[i], count - begin);
    }
  }
}

struct Sum {
  template <class A>
  LAMINA_INLINE xsimd::batch<float, A> operator()(xsimd::batch<float, A> a, xsimd::batch<float, A> b) const {
    return a + b;
  }
#if defined(__AVX__)
  LAMINA_INLINE __m256 operator()(__m256 a, __m256 b) const { return _mm256_add_ps(a, b); }
#endif
#if defined(__SSE2__)
  LAMINA_INLINE __m128 operator()(__m128 a, __m128 b) const { return _mm_add_ps(a, b); }
#endif
  LAMINA_INLINE float operator()(float a, float b) const { return a + b; }
};
/// The larger one; unspecified (one of them) where an operand is NaN.
struct Largest {
  template <class A>
  LAMINA_INLINE xsimd::batch<float, A> operator()(xsimd::batch<float, A> a, xsimd::batch<float, A> b) const {
    return max_nan<A>(a, b);
  }
#if defined(__AVX__)
  LAMINA_INLINE __m256 operator()(__m256 a, __m256 b) const { return _mm256_max_ps(a, b); }
#endif
#if defined(__SSE2__)
  LAMINA_INLINE __m128 operator()(__m128 a, __m128 b) const { return _mm_max_ps(a, b); }
#endif
  LAMINA_INLINE float operator()(float a, float b) const { return a > b ? a : b; }
};

#if defined(__SSE2__)
/// Four lanes: (i, i+2), then (i, i+1).
template <class Op>
LAMINA_INLINE float fold_quad(__m128 v, Op op) {
  v = op(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(op(v, _mm_shuffle_ps(v, v, 1)));
}
#endif
#if defined(__AVX__)
template <class Op>
LAMINA_INLINE float fold_oct(__m256 v, Op op) {
  return fold_quad(op(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)), op);
}
#endif

/// Folds lanes by op in the fixed tree (i, i+8), (i, i+4), (i, i+2), (i, i+1): whole vectors first, then shuffles,
/// which xsimd 8.1 has no name for (its hadd has another tree).
template <class A, class Op>
LAMINA_INLINE float wide_reduce(const Wide<A>& w, Op op) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) {
    // GCC 12 warns of an uninitialized value inside its own _mm512_castps512_ps256 (GCC bug 105593).
    const __m512 v = w.part[0];
    return fold_oct(op(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                       __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15)),
                    op);
  }
#endif
#if defined(__AVX__)
  if constexpr (kLanes<A> == 8) return fold_oct(static_cast<__m256>(op(w.part[0], w.part[1])), op);
#endif
  if constexpr (kLanes<A> == 4) {
    const Vec<A> v = op(op(w.part[0], w.part[2]), op(w.part[1], w.part[3]));
#if defined(__SSE2__)
    return fold_quad(static_cast<__m128>(v), op);
#else
    alignas(16) float lane[4];
    v.store_aligned(lane);
    return op(op(lane[0], lane[2]), op(lane[1], lane[3]));
#endif
  }
}
template <class A>
LAMINA_INLINE float wide_sum(const Wide<A>& w) {
  return wide_reduce<A>(w, Sum{});
}
template <class A>
LAMINA_INLINE float wide_max(const Wide<A>& w) {
  return wide_reduce<A>(w, Largest{});
}

}  // namespace
}  // namespace lamina::kernel
