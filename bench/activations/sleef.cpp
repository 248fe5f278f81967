// SLEEF as a contender: its functions for this program's instruction set, a vector per call, two calls per step.
// SPDX-License-Identifier: Apache-2.0
//
// SLEEF has no sigmoid and no softmax: they are not composed here. n is a multiple of two vectors.
#include "contender.hpp"

#include <immintrin.h>
#include <sleef.h>

namespace lamina::bench {
namespace {

#if defined(__AVX512F__)
using V = __m512;
V load(const float* p) { return _mm512_loadu_ps(p); }
void store(float* p, V v) { _mm512_storeu_ps(p, v); }
#define LAMINA_SLEEF(name, ulp) Sleef_##name##f16_##ulp##avx512f
#else
using V = __m256;
V load(const float* p) { return _mm256_loadu_ps(p); }
void store(float* p, V v) { _mm256_storeu_ps(p, v); }
#define LAMINA_SLEEF(name, ulp) Sleef_##name##f8_##ulp##avx2
#endif

template <class F>
Elementwise each(const F& f) {
  return [f](const float* x, float* y, std::size_t n) {
    constexpr std::size_t kLanes = sizeof(V) / sizeof(float);
    for (std::size_t i = 0; i < n; i += 2 * kLanes) {
      const V a = f(load(x + i)), b = f(load(x + i + kLanes));
      store(y + i, a);
      store(y + i + kLanes, b);
    }
  };
}

}  // namespace

Contender make_sleef(bool one_ulp) {
  using kernel::Unary;
  Contender c;
  c.name = one_ulp ? "SLEEF u10" : "SLEEF u35";
  if (one_ulp) {
    c[Unary::exp] = each([](V v) { return LAMINA_SLEEF(exp, u10)(v); });
    c[Unary::expm1] = each([](V v) { return LAMINA_SLEEF(expm1, u10)(v); });
    c[Unary::log] = each([](V v) { return LAMINA_SLEEF(log, u10)(v); });
    c[Unary::log1p] = each([](V v) { return LAMINA_SLEEF(log1p, u10)(v); });
    c[Unary::tanh] = each([](V v) { return LAMINA_SLEEF(tanh, u10)(v); });
    c[Unary::erf] = each([](V v) { return LAMINA_SLEEF(erf, u10)(v); });
  } else {  // the others have no u35 form
    c[Unary::log] = each([](V v) { return LAMINA_SLEEF(log, u35)(v); });
    c[Unary::tanh] = each([](V v) { return LAMINA_SLEEF(tanh, u35)(v); });
  }
  return c;
}

}  // namespace lamina::bench
