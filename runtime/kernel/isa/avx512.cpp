// Kernels for AVX-512 F, CD, DQ, BW, VL. Exports one constant table; runs no code at load time.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/table.inl.hpp"

namespace lamina::kernel {
extern constinit const KernelTable avx512_table = make_table<xsimd::avx512bw>(Isa::avx512, "avx512");
}  // namespace lamina::kernel
