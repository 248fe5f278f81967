// SSE4.2's vectors -> its roof kernels.
// SPDX-License-Identifier: Apache-2.0
#include "machine/kernels.inl.hpp"

#include <immintrin.h>

namespace lamina::bench {
namespace {

struct Set {
  using Vector = __m128;
  static constexpr std::size_t kWidth = 4, kChains = 12;
  static Vector set(float v) { return _mm_set1_ps(v); }
  static Vector load(const float* p) { return _mm_load_ps(p); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
};

}  // namespace

const RoofKernels kRoofSse4 = kRoof<Set>;

}  // namespace lamina::bench
