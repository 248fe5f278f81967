// Kernels for arm64. Exports one constant table; runs no code at load time.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/table.inl.hpp"

namespace lamina::kernel {
extern constinit const KernelTable neon_table = make_table<xsimd::neon64>(Isa::neon, "neon");
}  // namespace lamina::kernel
