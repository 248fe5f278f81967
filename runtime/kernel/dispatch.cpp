// CPUID and XGETBV -> the kernel tables that this CPU and operating system can run.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace lamina::kernel {

#if defined(__x86_64__)

extern const KernelTable sse4_table;
extern const KernelTable avx2_table;
extern const KernelTable avx512_table;

namespace {

// Our own check: xsimd 8.1 reads wrong CPUID bits and never asks XCR0, which says what the operating
// system saves; without it an AVX-512 instruction faults under some hypervisors.
struct Cpu {
  bool sse4 = false, avx2 = false, avx512 = false;
};

Cpu detect() noexcept {
  Cpu cpu;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return cpu;
  const bool ssse3 = (c >> 9) & 1, sse41 = (c >> 19) & 1, sse42 = (c >> 20) & 1, popcnt = (c >> 23) & 1;
  const bool fma = (c >> 12) & 1, osxsave = (c >> 27) & 1, avx = (c >> 28) & 1;
  cpu.sse4 = ssse3 && sse41 && sse42 && popcnt;
  if (!cpu.sse4 || !osxsave || !avx) return cpu;

  unsigned xcr0_low = 0, xcr0_high = 0;
  __asm__("xgetbv" : "=a"(xcr0_low), "=d"(xcr0_high) : "c"(0));
  constexpr unsigned kYmm = 0x06, kZmm = 0xe6;  // SSE+AVX state; and opmask, upper ZMM, ZMM16-31
  if ((xcr0_low & kYmm) != kYmm || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return cpu;
  const bool avx2 = (b >> 5) & 1;
  cpu.avx2 = avx2 && fma;
  constexpr unsigned kAvx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;  // F DQ CD BW VL
  cpu.avx512 = cpu.avx2 && (xcr0_low & kZmm) == kZmm && (b & kAvx512) == kAvx512;
  return cpu;
}

}  // namespace

Tables runnable_tables() noexcept {
  const Cpu cpu = detect();
  Tables tables{};
  if (cpu.sse4) tables.table[tables.count++] = &sse4_table;
  if (cpu.avx2) tables.table[tables.count++] = &avx2_table;
  if (cpu.avx512) tables.table[tables.count++] = &avx512_table;
  return tables;
}

#else

extern const KernelTable neon_table;

Tables runnable_tables() noexcept { return Tables{{&neon_table}, 1}; }

#endif

const char* unary_name(Unary unary) noexcept {
  static constexpr const char* kNames[] = {
      "identity",
      "relu",
      "clamp",
      "leaky_relu",
      "keras_relu",
      "elu",
      "celu",
      "selu",
      "gelu",
      "gelu_tanh",
      "sigmoid",
      "tanh",
      "silu",
      "mish",
      "softplus",
      "softsign",
      "log_sigmoid",
      "hardsigmoid",
      "hard_sigmoid_linear",
      "hardswish",
      "hardshrink",
      "softshrink",
      "tanhshrink",
      "threshold",
      "exp",
      "squareplus",
      "sparse_plus",
      "sparse_sigmoid",
      "erf",
      "expm1",
      "log1p",
      "log",
  };
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == kUnaryCount);
  return kNames[static_cast<std::size_t>(unary)];
}

}  // namespace lamina::kernel
