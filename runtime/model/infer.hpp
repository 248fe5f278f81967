// Network + row shape -> the shape after each layer, and every rule that a network must keep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"

namespace lamina::model {

/// Nested Sequential layers dissolved, names joined with dots. Throws Error{limit_exceeded} beyond 16 levels.
[[nodiscard]] std::vector<Layer> flatten(const Network& network);

/// Row shape that the first layers ask for: the file's, else [in_features] of a leading Linear,
/// [num_features] of a leading BatchNorm, normalized_shape of a LayerNorm (looking through layers that keep the
/// shape); nullopt where nothing determines it.
[[nodiscard]] std::optional<Shape> input_shape(const Network& network);

/// Shape of a row after `layer`. Throws Error{shape_mismatch} that names the layer.
[[nodiscard]] Shape output_shape(const Layer& layer, const Shape& input);

/// dim -> index into the row's shape (dimension 0 is the batch: -1 is returned for it).
/// Throws Error{shape_mismatch} where there is no such dimension.
[[nodiscard]] int row_axis(std::int64_t dim, std::size_t row_rank, const std::string& layer);

/// True where the layer works over dimension 0 for rows of this rank.
[[nodiscard]] bool couples_batch(const Layer& layer, std::size_t row_rank);

/// Hyper-parameters in range and finite, weights (where present) of the right shape, a non-negative
/// running variance. Throws Error{invalid_argument, shape_mismatch} that names the layer.
void validate(const Network& network);
void validate(const Layer& layer);

/// Name and shape of each tensor that the layer takes, in PyTorch's order, with the place it is kept.
struct Slot {
  std::string name;  // "weight"
  Shape shape;
  Tensor* tensor;
};
[[nodiscard]] std::vector<Slot> weight_slots(Layer& layer);
struct ConstSlot {
  std::string name;
  Shape shape;
  const Tensor* tensor;
};
[[nodiscard]] std::vector<ConstSlot> weight_slots(const Layer& layer);

[[nodiscard]] std::uint64_t parameter_count(const Layer& layer);

}  // namespace lamina::model
