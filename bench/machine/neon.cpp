// NEON's vectors -> its roof kernels.
// SPDX-License-Identifier: Apache-2.0
#include "machine/kernels.inl.hpp"

#include <arm_neon.h>

namespace lamina::bench {
namespace {

struct Set {
  using Vector = float32x4_t;
  static constexpr std::size_t kWidth = 4, kChains = 16;
  static Vector set(float v) { return vdupq_n_f32(v); }
  static Vector load(const float* p) { return vld1q_f32(p); }
  static Vector fma(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
};

}  // namespace

const RoofKernels kRoofNeon = kRoof<Set>;

}  // namespace lamina::bench
