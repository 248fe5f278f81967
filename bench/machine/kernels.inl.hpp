// A vector type of one instruction set -> the loops of kernels.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "machine/kernels.hpp"

namespace lamina::bench {
namespace {

/// Keeps a value in a register and the compiler from knowing it.
template <typename V>
inline void opaque(V& value) {
#if defined(__x86_64__)
  asm volatile("" : "+x"(value));
#else
  asm volatile("" : "+w"(value));
#endif
}

/// S: Vector, kWidth, kChains (latency times units, at least; within the registers), set(float), load(const float*),
/// fma(a, b, c).
template <typename S>
double multiply_add(std::size_t count) {
  typename S::Vector sum[S::kChains], a = S::set(1.0f), b = S::set(1e-9f);
  for (auto& s : sum) s = S::set(0.0f);
  for (std::size_t i = 0; i < count; ++i) {
    for (auto& s : sum) s = S::fma(a, b, s);
    opaque(a);
  }
  for (auto& s : sum) opaque(s);
  return 2.0 * static_cast<double>(count) * S::kChains * S::kWidth;
}

/// Sixteen independent loads per turn; a load into a register that nobody reads costs its bandwidth and no more.
template <typename S>
void read(const float* data, std::size_t bytes) {
  const float* const end = data + bytes / sizeof(float);
  for (; data < end; data += 16 * S::kWidth) {
    for (std::size_t i = 0; i < 16; ++i) {
      typename S::Vector v = S::load(data + i * S::kWidth);
      opaque(v);
    }
  }
}

template <typename S>
inline constexpr RoofKernels kRoof = {&multiply_add<S>, &read<S>};

}  // namespace
}  // namespace lamina::bench
