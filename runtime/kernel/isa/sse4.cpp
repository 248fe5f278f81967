// Kernels for x86-64-v2: no FMA, multiply and add. Exports one constant table; runs no code at load time.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/table.inl.hpp"

namespace lamina::kernel {
extern constinit const KernelTable sse4_table = make_table<xsimd::sse4_2>(Isa::sse4, "sse4");
}  // namespace lamina::kernel
