// One row whose inputs are partly exact zeros -> only the weights that meet the others are read.
// SPDX-License-Identifier: Apache-2.0
//
// After a ReLU about half of a layer's inputs are 0.0. With finite weights fma(0, w, acc) is acc, up to the
// sign of a zero, which the +0.0f at the end of every Linear removes: skipping gives the same bits.
#pragma once

#include "kernel/kernels.hpp"
#include "kernel/linear_tile.inl.hpp"
#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// Longest row that is searched for zeros: its list lives on the stack, 16 KiB.
inline constexpr std::size_t kMaxSparseInputs = 4096;
/// Rows of weights that are asked for ahead: the list tells them, the hardware prefetcher cannot. Measured on Zen 4
/// with weights in L3: 8 and 16 are equal, 32 is worse.
inline constexpr std::size_t kPrefetchAhead = 8;

struct NonZeros {
  std::size_t count;
  alignas(64) std::uint32_t index[kMaxSparseInputs + 16 + kPrefetchAhead];
};

/// How many x[k] != 0 (NaN counts): a quarter of the cost of the list, for rows that turn out to be dense.
template <class A>
LAMINA_INLINE std::size_t count_nonzeros(const float* x, std::size_t k) {
  std::size_t count = 0;
#if defined(__AVX512F__)
  for (std::size_t i = 0; i < k; i += 16) {
    const auto inside = static_cast<__mmask16>(k - i >= 16 ? 0xffffu : (1u << (k - i)) - 1u);
    const __m512 v = _mm512_maskz_loadu_ps(inside, x + i);
    count += static_cast<std::size_t>(
        __builtin_popcount(_mm512_mask_cmp_ps_mask(inside, v, _mm512_setzero_ps(), _CMP_NEQ_UQ)));
  }
#else
  for (std::size_t i = 0; i < k; ++i) count += x[i] != 0.0f ? 1 : 0;
#endif
  return count;
}

/// Positions of x[k] != 0 (NaN counts), ascending, followed by copies of the last for the prefetches.
template <class A>
LAMINA_INLINE void list_nonzeros(const float* x, std::size_t k, NonZeros& list) {
  std::size_t count = 0;
#if defined(__AVX512F__)
  // xsimd has no compress. 16 positions per step, four cycles.
  __m512i position = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (std::size_t i = 0; i < k; i += 16) {
    const auto inside = static_cast<__mmask16>(k - i >= 16 ? 0xffffu : (1u << (k - i)) - 1u);
    const __m512 v = _mm512_maskz_loadu_ps(inside, x + i);
    const __mmask16 other = _mm512_mask_cmp_ps_mask(inside, v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_si512(list.index + count, _mm512_maskz_compress_epi32(other, position));
    count += static_cast<std::size_t>(__builtin_popcount(other));
    position = _mm512_add_epi32(position, _mm512_set1_epi32(16));
  }
#else
  for (std::size_t i = 0; i < k; ++i) {
    list.index[count] = static_cast<std::uint32_t>(i);
    count += x[i] != 0.0f ? 1 : 0;
  }
#endif
  list.count = count;
  const std::uint32_t last = count == 0 ? 0 : list.index[count - 1];
  for (std::size_t i = 0; i < kPrefetchAhead; ++i) list.index[count + i] = last;
}

/// linear_tile for one row over the listed k only.
template <class A, int NV, int PV>
void linear_tile_sparse(const TileArgs& t, const NonZeros& list) noexcept {
  Vec<A> acc[1][NV];
#pragma GCC unroll 8
  for (int v = 0; v < NV; ++v) acc[0][v] = load<A>(t.b + v * kLanes<A>);
  const auto offset = [&](int v) __attribute__((always_inline)) {
    return static_cast<std::size_t>(v / PV) * t.panel_stride + static_cast<std::size_t>(v % PV) * kLanes<A>;
  };
  constexpr int kVectorsPerLine = kLanes<A> >= 16 ? 1 : 16 / static_cast<int>(kLanes<A>);
  for (std::size_t i = 0; i < list.count; ++i) {
    const std::size_t k = list.index[i];
    const float* ahead = t.w + list.index[i + kPrefetchAhead] * t.ldw;
#pragma GCC unroll 8
    for (int v = 0; v < NV; v += kVectorsPerLine) __builtin_prefetch(ahead + offset(v), 0, 3);
    const float* w = t.w + k * t.ldw;
    const Vec<A> a = set<A>(t.x[k]);
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) acc[0][v] = fma<A>(a, load<A>(w + offset(v)), acc[0][v]);
  }
  finish_tile<A, 1, NV>(acc, t);
}

}  // namespace
}  // namespace lamina::kernel
