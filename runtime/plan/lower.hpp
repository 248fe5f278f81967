// One layer and the shape of its input -> the step that computes it, or none where it only renames the shape.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"
#include "model/network.hpp"
#include "plan/program.hpp"

#include <lamina/tensor.hpp>

#include <optional>

namespace lamina::plan {

struct LoweredActivation {
  kernel::Unary function;
  UnaryParameters p;
};
[[nodiscard]] LoweredActivation lower_activation(const model::Activation& activation);

/// Releases the layer's weights once they are in the step. Slots are left to assign_slots.
/// Throws Error{missing_weight, unsupported_feature, shape_mismatch}.
[[nodiscard]] std::optional<Step> lower(model::Layer& layer, const Shape& input, const kernel::KernelTable& table);

/// Fills from, to and in_place of each step, and copy_if_aliased.
void assign_slots(Program& program);

/// Fills phases: which Linears several threads cut by outputs, and what lies between them.
void cut_into_phases(Program& program);

/// Rows that go through all steps together: a multiple of the row tile, so that the block's activations stay in
/// L2 beside the weights that are being read. A pure function of its arguments.
[[nodiscard]] std::size_t choose_row_block(std::size_t widest_row, std::size_t weight_bytes,
                                           std::size_t row_tile) noexcept;

}  // namespace lamina::plan
