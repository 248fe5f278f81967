// Weights [out, in] -> the packed block that a kernel reads, and the choice of its layout.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"
#include "model/network.hpp"
#include "plan/program.hpp"

#include <cstddef>
#include <cstdint>

namespace lamina::plan {

/// The part of the layout that decides the order of additions. It depends on the layer alone, never on the
/// instruction set: so every set gives the same bits.
struct Reduction {
  WeightLayout layout;
  std::uint32_t chains;
};
[[nodiscard]] Reduction reduction_for(std::size_t k, std::size_t n) noexcept;

/// Packs and releases linear.weight and linear.bias. Throws std::bad_alloc, Error{limit_exceeded}.
[[nodiscard]] PackedLinear pack(model::Linear& linear, const kernel::KernelTable& table);

}  // namespace lamina::plan
