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

/// Skipping zeros pays where the weights come from L2 or L3: smaller ones are read faster than a list is made; larger
/// ones come from memory, where the pieces of 256 bytes that remain are no faster than a straight walk (measured:
/// rec479, 10 MiB, 94 -> 68 us; big1024, 112 MiB, 3.4 -> 4.8 ms). `model_weight_bytes` counts the whole model.
[[nodiscard]] bool skipping_pays(const PackedLinear& packed, std::size_t model_weight_bytes) noexcept;

}  // namespace lamina::plan
