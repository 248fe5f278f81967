// Rows of at most 16 logits -> softmax in registers, several short rows in one vector.
// SPDX-License-Identifier: Apache-2.0
//
// A row takes W = 2, 4, 8 or 16 lanes. Its reductions are the tree of wide.inl.hpp without the steps that would only
// add zeros, as butterflies: each lane ends with the result, nothing leaves the vector registers.
#pragma once

#include "kernel/exp.inl.hpp"
#include "kernel/kernels.hpp"
#include "kernel/map.inl.hpp"
#include "kernel/wide.inl.hpp"

namespace lamina::kernel {
namespace {

enum class Logits { as_they_are, negated };

template <class A, Logits L>
LAMINA_INLINE Vec<A> logits(Vec<A> x) {
  if constexpr (L == Logits::negated) return negate<A>(x);
  return x;
}

/// All bits in the first n <= kLanes lanes, none in the others.
template <class A>
LAMINA_INLINE IntVec<A> first_lanes(std::size_t n) {
  alignas(64) static constexpr std::int32_t kMask[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                         -1, -1, -1, -1, -1, -1, -1, -1};
  return IntVec<A>::load_unaligned(kMask + 16 - n);
}

/// v with lanes W apart exchanged, W = 1, 2, 4 or 8.
template <class A, int W>
LAMINA_INLINE Vec<A> exchange(Vec<A> v) {
  static_assert(W < static_cast<int>(kLanes<A>));
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) {
    if constexpr (W == 8) return Vec<A>(_mm512_shuffle_f32x4(v, v, 0x4e));
    if constexpr (W == 4) return Vec<A>(_mm512_shuffle_f32x4(v, v, 0xb1));
    if constexpr (W < 4) return Vec<A>(_mm512_permute_ps(v, W == 2 ? 0x4e : 0xb1));
  }
#endif
#if defined(__AVX__)
  if constexpr (kLanes<A> == 8) {
    if constexpr (W == 4) return Vec<A>(_mm256_permute2f128_ps(v, v, 1));
    if constexpr (W < 4) return Vec<A>(_mm256_permute_ps(v, W == 2 ? 0x4e : 0xb1));
  }
#endif
  if constexpr (kLanes<A> == 4) {
#if defined(__SSE2__)
    return Vec<A>(_mm_shuffle_ps(v, v, W == 2 ? 0x4e : 0xb1));
#else
    if constexpr (W == 2) return Vec<A>(vextq_f32(v, v, 2));
    return Vec<A>(vrev64q_f32(v));
#endif
  }
}

/// Each lane: op over the W lanes of its group.
template <class A, int W, class Op>
LAMINA_INLINE Vec<A> reduce_groups(Vec<A> v, Op op) {
  if constexpr (W > 8) v = op(v, exchange<A, 8>(v));
  if constexpr (W > 4) v = op(v, exchange<A, 4>(v));
  if constexpr (W > 2) v = op(v, exchange<A, 2>(v));
  return op(v, exchange<A, 1>(v));
}

/// Softmax of each group of W lanes; `keep` has no bits in lanes that are no logit, which hold a copy of one.
template <class A, int W>
LAMINA_INLINE Vec<A> softmax_groups(Vec<A> x, IntVec<A> keep) {
  const Vec<A> e = exp_nonpositive<A>(x - reduce_groups<A, W>(x, Largest{}));
  const Vec<A> kept = as_float<A>(as_int<A>(e) & keep);
  return kept * divide<A>(set<A>(1.0f), reduce_groups<A, W>(kept, Sum{}));
}

/// Lanes of v in the order of `from`.
template <class A>
LAMINA_INLINE Vec<A> permute(Vec<A> v, IntVec<A> from) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) return Vec<A>(_mm512_permutexvar_ps(from, v));
#endif
#if defined(__AVX2__)
  if constexpr (kLanes<A> == 8) return Vec<A>(_mm256_permutevar8x32_ps(v, from));
#endif
#if defined(__aarch64__)
  // Byte indices 4 i, 4 i + 1, ... from lane indices i.
  const int32x4_t bytes = vmlaq_n_s32(vdupq_n_s32(0x03020100), from, 0x04040404);
  return Vec<A>(vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(v), vreinterpretq_u8_s32(bytes))));
#elif defined(__SSSE3__)
  if constexpr (kLanes<A> == 4) {
    const __m128i bytes = _mm_add_epi32(_mm_set1_epi32(0x03020100), _mm_mullo_epi32(from, _mm_set1_epi32(0x04040404)));
    return Vec<A>(_mm_castsi128_ps(_mm_shuffle_epi8(_mm_castps_si128(v), bytes)));
  }
#endif
}

/// Where the lanes of rows of n that lie dense in memory go when each takes W, and back.
template <class A>
struct Spread {
  IntVec<A> to_groups, to_dense, keep;
};
template <class A, int W>
LAMINA_INLINE Spread<A> spread_of(std::size_t n) {
  alignas(64) std::int32_t to_groups[kLanes<A>], to_dense[kLanes<A>] = {}, keep[kLanes<A>];
  for (std::size_t lane = 0; lane < kLanes<A>; ++lane) {
    const std::size_t row = lane / W, column = lane % W;
    const bool is_logit = column < n;
    const std::size_t dense = row * n + (is_logit ? column : 0);
    to_groups[lane] = static_cast<std::int32_t>(dense);
    keep[lane] = is_logit ? -1 : 0;
    if (is_logit) to_dense[dense] = static_cast<std::int32_t>(lane);
  }
  return {IntVec<A>::load_aligned(to_groups), IntVec<A>::load_aligned(to_dense), IntVec<A>::load_aligned(keep)};
}

/// Dense rows of n <= W: as many as fit into a vector at a time.
template <class A, int W, Logits L>
LAMINA_INLINE void softmax_dense_rows(const RowArgs& a) {
  constexpr std::size_t kStep = kLanes<A> / W;
  const Spread<A> spread = spread_of<A, W>(a.n);
  const float* x = a.x;
  float* y = a.y;
  for (std::size_t left = a.rows * a.n; left != 0;) {
    const std::size_t count = left < kStep * a.n ? left : kStep * a.n;
    const Vec<A> v = left < kLanes<A> ? load_part<A>(x, left) : load<A>(x);
    const Vec<A> dense = logits<A, L>(permute<A>(v, spread.to_groups));
    store_some<A>(y, permute<A>(softmax_groups<A, W>(dense, spread.keep), spread.to_dense), count);
    x += count;
    y += count;
    left -= count;
  }
}

/// The parts of 16 virtual lanes, the first steps of their tree.
template <class A, class Op>
LAMINA_INLINE Vec<A> reduce_parts(const Wide<A>& w, Op op) {
  if constexpr (Wide<A>::kParts == 1) return w.part[0];
  if constexpr (Wide<A>::kParts == 2) return op(w.part[0], w.part[1]);
  if constexpr (Wide<A>::kParts == 4) return op(op(w.part[0], w.part[2]), op(w.part[1], w.part[3]));
}

/// One row of kLanes < n <= 16.
template <class A, Logits L>
LAMINA_INLINE void softmax_parts_row(const float* x, float* y, std::size_t n) {
  constexpr int kL = static_cast<int>(kLanes<A>);
  Wide<A> w = wide_load<A>(x, n, x[0]);
#pragma GCC unroll 4
  for (Vec<A>& part : w.part) part = logits<A, L>(part);
  const Vec<A> shift = reduce_groups<A, kL>(reduce_parts<A>(w, Largest{}), Largest{});
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) {
    const std::size_t begin = i * kLanes<A>;
    w.part[i] = exp_nonpositive<A>(w.part[i] - shift);
    if (n < begin + kLanes<A>) {
      w.part[i] = as_float<A>(as_int<A>(w.part[i]) & first_lanes<A>(n > begin ? n - begin : 0));
    }
  }
  const Vec<A> inverse = divide<A>(set<A>(1.0f), reduce_groups<A, kL>(reduce_parts<A>(w, Sum{}), Sum{}));
#pragma GCC unroll 4
  for (Vec<A>& part : w.part) part = part * inverse;
  wide_store<A>(y, w, n);
}

/// One row of n <= kLanes. vscalefps takes e^-inf to 0 without AVX2's penalty: nothing to mask.
template <class A, Logits L>
LAMINA_INLINE void softmax_single_row(const float* x, float* y, std::size_t n) {
  constexpr bool kMask = kLanes<A> != 16;
  constexpr float kLeast = L == Logits::negated ? __builtin_inff() : -__builtin_inff();
  const Vec<A> v = logits<A, L>(n == kLanes<A> ? load<A>(x) : load_part<A>(x, n, kMask ? x[0] : kLeast));
  const IntVec<A> keep = kMask ? first_lanes<A>(n) : IntVec<A>(-1);
  store_some<A>(y, softmax_groups<A, static_cast<int>(kLanes<A>)>(v, keep), n);
}

/// Rows of 1 to 16.
template <class A, Logits L>
LAMINA_INLINE void softmax_narrow_rows(const RowArgs& a) {
  if (a.rows > 1 && a.ldx == a.n && a.ldy == a.n) {
    if (a.n <= 2) return softmax_dense_rows<A, 2, L>(a);
    if constexpr (4 < kLanes<A>) {
      if (a.n <= 4) return softmax_dense_rows<A, 4, L>(a);
    }
    if constexpr (8 < kLanes<A>) {
      if (a.n <= 8) return softmax_dense_rows<A, 8, L>(a);
    }
  }
  for (std::size_t r = 0; r < a.rows; ++r) {
    if (a.n <= kLanes<A>) {
      softmax_single_row<A, L>(a.x + r * a.ldx, a.y + r * a.ldy, a.n);
    } else {
      softmax_parts_row<A, L>(a.x + r * a.ldx, a.y + r * a.ldy, a.n);
    }
  }
}

}  // namespace
}  // namespace lamina::kernel
