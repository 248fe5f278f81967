// AVX-512's vectors -> its roof kernels.
// SPDX-License-Identifier: Apache-2.0
#include "machine/kernels.inl.hpp"

#include <immintrin.h>

namespace lamina::bench {
namespace {

struct Set {
  using Vector = __m512;
  static constexpr std::size_t kWidth = 16, kChains = 16;
  static Vector set(float v) { return _mm512_set1_ps(v); }
  static Vector load(const float* p) { return _mm512_load_ps(p); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
};

}  // namespace

const RoofKernels kRoofAvx512 = kRoof<Set>;

}  // namespace lamina::bench
