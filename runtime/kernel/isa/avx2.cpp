// Kernels for AVX2 and FMA. Exports one constant table; runs no code at load time.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/table.inl.hpp"

namespace lamina::kernel {
extern constinit const KernelTable avx2_table = make_table<xsimd::fma3<xsimd::avx2>>(Isa::avx2, "avx2");
}  // namespace lamina::kernel
