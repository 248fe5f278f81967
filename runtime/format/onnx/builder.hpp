// Layers in a row, each with the shape of a row behind it: what the operators add to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/constant.hpp"
#include "model/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lamina::format::onnx {

/// The arithmetic of a constant and the value: value + c, value - c, c - value, value * c, value / c.
enum class Arithmetic : std::uint8_t { add, subtract, subtract_from, multiply, divide };

/// ONNX has dimensions, lamina has rows. Dimension 0 is the batch (or, where `joined` is not 0, the batch and so many
/// dimensions of the row together); an input of rank 1 has no batch and is one row. Sizes that are not known are -1.
struct RowView {
  bool has_batch = true;
  bool knows_rank = true;
  std::int64_t batch_size = -1;  // where the file fixes it
  std::size_t joined = 0;
  Shape row;

  [[nodiscard]] std::size_t rank() const noexcept { return row.size() - joined + (has_batch ? 1 : 0); }
  /// ONNX's axis -> index into row; nullopt for the batch. Throws Error{shape_mismatch} where there is none.
  [[nodiscard]] std::optional<std::size_t> row_index(std::int64_t axis) const;
  /// The same, and Error{unsupported_feature} for the batch.
  [[nodiscard]] std::size_t feature_index(std::int64_t axis) const;
  /// The sizes from ONNX's axis on. Throws Error{unsupported_feature} for the batch and for sizes that are not known.
  [[nodiscard]] Shape known_from(std::int64_t axis) const;
  /// Throws Error{unsupported_feature} where not even the rank is known.
  void require_rank() const;
};

class Builder {
 public:
  /// `dims`: of the graph's input, nullopt where the file does not say.
  explicit Builder(const std::optional<Shape>& dims);

  [[nodiscard]] const RowView& view() const noexcept { return view_; }

  /// A layer that works on each number alone, whatever the shape of the row.
  void add_elementwise(model::Op op);
  /// A layer that looks at the shape and keeps it.
  void add(model::Op op);
  /// weight [out, in] over the last dimension.
  void add_linear(Tensor weight, std::optional<Tensor> bias);
  /// Into the bias of a Linear or into the Affine before it where the form allows that.
  void add_affine(Arithmetic arithmetic, const Constant& constant);
  /// The row after a layer that changes its sizes.
  void set_row(Shape row) { view_.row = layer_row_ = std::move(row); }
  void add_batch_norm(model::BatchNorm norm);
  /// Another shape of the row; a layer follows only where a later one asks for it.
  void reshape(RowView view);
  /// A number of each row, in ONNX's dimensions as they are: a constant's shape by right-aligned broadcast.
  [[nodiscard]] Tensor broadcast_over_row(const Constant& constant) const;

  /// Numbers in the layers so far, biases that were joined to a Linear aside.
  [[nodiscard]] std::uint64_t parameters() const noexcept { return parameters_; }
  /// Moves out what was built. `input_shape` is set where the file determines it.
  [[nodiscard]] model::Network finish();

 private:
  void push(model::Op op);
  [[nodiscard]] bool join_bias(Arithmetic arithmetic, const Tensor& value);
  void add_offset(Arithmetic arithmetic, Tensor value);
  void add_scale(Arithmetic arithmetic, Tensor value);
  void sync();
  model::Op* last();

  RowView view_;     // as the graph sees it
  Shape layer_row_;  // as the layers so far leave it
  std::optional<Shape> input_row_;
  std::vector<model::Layer> layers_;
  std::uint64_t parameters_ = 0;
};

}  // namespace lamina::format::onnx
