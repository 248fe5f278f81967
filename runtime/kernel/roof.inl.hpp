// Nothing, or memory -> the fastest that this instruction set can multiply and add, or read: for measuring a machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// Keeps a vector in a register and the compiler from knowing what it holds.
template <class A>
LAMINA_INLINE void opaque(Vec<A>& v) {
  typename Vec<A>::register_type held = v;
#if defined(__AVX512F__)
  asm volatile("" : "+v"(held));
#elif defined(__x86_64__)
  asm volatile("" : "+x"(held));
#else
  asm volatile("" : "+w"(held));
#endif
  v = Vec<A>(held);
}

/// Chains of multiply-adds that hide each other's latency: 4 cycles times 2 units at least, within the registers.
template <class A>
inline constexpr std::size_t kChains = kLanes<A> == 16 ? 16 : 12;

/// `turns` steps of kChains independent multiply-adds; returns floating-point operations.
template <class A>
double multiply_add(std::size_t turns) noexcept {
  Vec<A> sum[kChains<A>], a = set<A>(1.0f), b = set<A>(1e-9f);
  for (auto& s : sum) s = set<A>(0.0f);
  for (std::size_t i = 0; i < turns; ++i) {
    for (auto& s : sum) {
      s = fma<A>(a, b, s);
      opaque<A>(a);  // without fma, each product is to be computed
    }
  }
  for (auto& s : sum) opaque<A>(s);
  return 2.0 * static_cast<double>(turns * kChains<A> * kLanes<A>);
}

/// Sixteen independent loads a turn; a load into a register that nobody reads costs its bandwidth and no more.
template <class A>
void read_floats(const float* x, std::size_t n) noexcept {
  for (std::size_t i = 0; i + 16 * kLanes<A> <= n; i += 16 * kLanes<A>) {
    for (std::size_t j = 0; j < 16; ++j) {
      Vec<A> v = load<A>(x + i + j * kLanes<A>);
      opaque<A>(v);
    }
  }
}

}  // namespace
}  // namespace lamina::kernel
