// Network + row shape -> the shape after each layer, and every rule that a network must keep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lamina {
struct Limits;
}

namespace lamina::model {

/// Nested Sequential layers dissolved, names joined with dots. Throws Error{limit_exceeded} beyond 16 levels.
[[nodiscard]] std::vector<Layer> flatten(const Network& network);
[[nodiscard]] std::vector<Layer> flatten(const Layer& layer);

/// Row shape that the first layers ask for: the file's, else [in_features] of a leading Linear,
/// [num_features] of a leading BatchNorm, normalized_shape of a LayerNorm (looking through layers that keep the
/// shape, and through a Flatten of the whole row, whose input may as well be flat); nullopt where nothing
/// determines it.
[[nodiscard]] std::optional<Shape> input_shape(const Network& network);

/// Shape of a row after `layer`. Throws Error{shape_mismatch} that names the layer.
[[nodiscard]] Shape output_shape(const Layer& layer, const Shape& input);

/// Row shape after each of `layers` (flat); nullopt from the first one on that does not fit, or for all of
/// them where `input` is not known.
[[nodiscard]] std::vector<std::optional<Shape>> output_shapes(std::span<const Layer> layers,
                                                              const std::optional<Shape>& input);

/// dim -> index into the row's shape (dimension 0 is the batch: -1 is returned for it).
/// Throws Error{shape_mismatch} where there is no such dimension.
[[nodiscard]] int row_axis(std::int64_t dim, std::size_t row_rank, const std::string& layer);

/// The row_axis() of each dimension that the layer's Softmax sums over, ascending; PyTorch's rule for
/// dim=None, which is refused beyond rank 2 (there the rule surprises). Throws Error{shape_mismatch}.
[[nodiscard]] std::vector<int> softmax_axes(const Layer& layer, std::size_t row_rank);

/// True where the (flat) layer works over dimension 0 for rows of this rank.
[[nodiscard]] bool couples_batch(const Layer& layer, std::size_t row_rank);

/// Hyper-parameters in range and finite, weights (where present) of the right shape, a non-negative
/// running variance. Throws Error{invalid_argument, shape_mismatch} that names the layer.
void validate(const Network& network);
void validate(const Layer& layer);
/// Golden vectors, which there are: as many rows as answers, each of the shape that the layers ask for and give. Throws
/// Error{shape_mismatch}.
void validate_golden(const Network& network);
/// Shape of one row of them. Throws Error{shape_mismatch} where they have none.
[[nodiscard]] Shape golden_row(const Network& network);
/// The same after the number of layers and their nesting: Throws Error{limit_exceeded} as well.
void validate(const Network& network, const Limits& limits);

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
