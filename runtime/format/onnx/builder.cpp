// Layers in a row, each with the shape of a row behind it.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/builder.hpp"

#include "base/fail.hpp"
#include "model/infer.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format::onnx {
namespace {

using base::fail;

bool is_known(const Shape& shape) {
  return std::none_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; });
}

Shape without_trailing_ones(Shape shape) {
  while (!shape.empty() && shape.back() == 1) shape.pop_back();
  return shape;
}

/// The same layer's parameters with the sign turned.
Tensor negated(Tensor tensor) {
  for (float& value : tensor.mutable_values()) value = -value;
  return tensor;
}

/// A bias of one number per output, from a constant that broadcasts over them.
Tensor spread(const Tensor& constant, std::int64_t outputs) {
  Tensor result(Shape{outputs});
  const std::span<float> values = result.mutable_values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = constant.data()[constant.size() == 1 ? 0 : i];
  return result;
}

bool is_per_feature(const Tensor& constant, std::int64_t features) {
  return constant.size() == 1 ||
         (constant.shape().back() == features && constant.size() == static_cast<std::size_t>(features));
}

RowView view_of(const std::optional<Shape>& dims) {
  RowView view;
  view.knows_rank = dims.has_value();
  if (!dims) return view;
  view.has_batch = dims->size() > 1;
  view.row = *dims;
  if (view.has_batch) {
    view.batch_size = dims->front();
    view.row.erase(view.row.begin());
  }
  return view;
}

}  // namespace

std::optional<std::size_t> RowView::row_index(std::int64_t axis) const {
  require_rank();
  const auto size = static_cast<std::int64_t>(rank());
  if (axis < -size || axis >= size) {
    fail(Errc::shape_mismatch, "axis", "dimension", std::to_string(-size) + " to " + std::to_string(size - 1),
         std::to_string(axis));
  }
  const auto index = static_cast<std::size_t>(axis < 0 ? axis + size : axis);
  if (!has_batch) return index;
  if (index == 0) return std::nullopt;
  return index - 1 + joined;
}

std::size_t RowView::feature_index(std::int64_t axis) const {
  const std::optional<std::size_t> index = row_index(axis);
  if (!index)
    fail(Errc::unsupported_feature, "works over dimension 0, the batch: a row's answer would depend on others");
  return *index;
}

Shape RowView::known_from(std::int64_t axis) const {
  Shape sizes(row.begin() + static_cast<std::ptrdiff_t>(feature_index(axis)), row.end());
  if (!is_known(sizes)) fail(Errc::unsupported_feature, "works over dimensions whose sizes the file does not give");
  return sizes;
}

void RowView::require_rank() const {
  if (!knows_rank)
    fail(Errc::unsupported_feature, "needs the shape of the network's input, which the file does not give");
}

Builder::Builder(const std::optional<Shape>& dims) : view_(view_of(dims)), layer_row_(view_.row) {
  if (dims && is_known(view_.row)) input_row_ = view_.row;
}

void Builder::push(model::Op op) {
  layers_.push_back({.name = std::to_string(layers_.size()), .op = std::move(op)});
  parameters_ += model::parameter_count(layers_.back());
}

model::Op* Builder::last() { return layers_.empty() ? nullptr : &layers_.back().op; }

void Builder::sync() {
  if (layer_row_ == view_.row) return;
  if (view_.row.size() == 1) {
    push(model::Flatten{});
  } else {
    push(model::Reshape{view_.row});
  }
  layer_row_ = view_.row;
}

void Builder::add_elementwise(model::Op op) { push(std::move(op)); }

void Builder::add(model::Op op) {
  sync();
  push(std::move(op));
}

void Builder::add_linear(Tensor weight, std::optional<Tensor> bias) {
  const std::int64_t out = weight.shape()[0], in = weight.shape()[1];
  if (!view_.knows_rank) {
    view_ = {.row = {in}};
    layer_row_ = view_.row;
  }
  if (view_.row.size() == view_.joined) {
    fail(Errc::unsupported_feature, "multiplies along dimension 0, the batch: a row's answer would depend on others");
  }
  if (view_.row.back() != in && view_.row.back() != -1) {
    fail(Errc::shape_mismatch, "input", "last dimension", std::to_string(in), std::to_string(view_.row.back()));
  }
  sync();
  model::Linear linear{.in_features = in, .out_features = out, .has_bias = bias.has_value()};
  linear.weight = std::move(weight);
  if (bias) linear.bias = std::move(*bias);
  push(std::move(linear));
  view_.row.back() = out;
  layer_row_ = view_.row;
}

Tensor Builder::broadcast_over_row(const Constant& constant) const {
  if (!constant.is_float()) fail(Errc::dtype, "constant", "is " + type_name(constant.type) + ", expected floats");
  if (constant.size() == 0) fail(Errc::shape_mismatch, "constant", "has no elements");
  if (view_.knows_rank && constant.dims.size() > view_.rank()) {
    fail(Errc::unsupported_feature,
         "a constant of shape " + to_string(constant.dims) + " adds dimensions to the value");
  }
  if (constant.size() == 1) return constant.floats.reshaped(view_.row.empty() && view_.knows_rank ? Shape{} : Shape{1});
  view_.require_rank();
  Shape dims = constant.dims;
  const std::size_t own = view_.row.size() - view_.joined;  // dimensions that are the row's alone
  const bool over_batch = view_.has_batch && dims.size() == own + 1 && dims.front() == 1;
  if (over_batch) dims.erase(dims.begin());
  bool fits = dims.size() <= own;
  for (std::size_t i = 0; fits && i < dims.size(); ++i) {
    const std::int64_t size = view_.row[view_.row.size() - 1 - i], other = dims[dims.size() - 1 - i];
    fits = other == 1 || other == size || size == -1;
  }
  if (!fits) {
    fail(Errc::shape_mismatch, "constant", "shape", "one that broadcasts over rows of " + to_string(view_.row),
         to_string(constant.dims));
  }
  return constant.floats.reshaped(dims);
}

/// What MatMul leaves for an Add or Sub behind it.
bool Builder::join_bias(Arithmetic arithmetic, const Tensor& value) {
  auto* linear = last() == nullptr || layer_row_ != view_.row ? nullptr : std::get_if<model::Linear>(last());
  if (linear == nullptr || linear->has_bias || !is_per_feature(value, linear->out_features)) return false;
  linear->has_bias = true;
  linear->bias = spread(value, linear->out_features);
  if (arithmetic == Arithmetic::subtract) linear->bias = negated(std::move(linear->bias));
  return true;
}

/// An Affine is (x - shift) scale + offset: as the first operation, x - c is a shift, so that what normalises an input,
/// (x - mean) / deviation, is one layer.
void Builder::add_offset(Arithmetic arithmetic, Tensor value) {
  if (join_bias(arithmetic, value)) return;
  auto* affine = last() == nullptr ? nullptr : std::get_if<model::Affine>(last());
  const bool is_open = affine != nullptr && affine->offset.empty();
  if (arithmetic == Arithmetic::subtract && !is_open) return push(model::Affine{.shift = std::move(value)});
  if (arithmetic == Arithmetic::subtract) value = negated(std::move(value));
  if (!is_open || affine->scale.empty()) return push(model::Affine{.offset = std::move(value)});
  affine->offset = std::move(value);
}

void Builder::add_scale(Arithmetic arithmetic, Tensor value) {
  auto* affine = last() == nullptr ? nullptr : std::get_if<model::Affine>(last());
  if (affine == nullptr || !affine->offset.empty() || !affine->scale.empty()) {
    push(model::Affine{});
    affine = &std::get<model::Affine>(layers_.back().op);
  }
  affine->scale = std::move(value);
  affine->divide = arithmetic == Arithmetic::divide;
}

void Builder::add_affine(Arithmetic arithmetic, const Constant& constant) {
  Tensor value = broadcast_over_row(constant);
  if (value.size() != 1) sync();
  switch (arithmetic) {
    case Arithmetic::add:
    case Arithmetic::subtract:
      return add_offset(arithmetic, std::move(value));
    case Arithmetic::subtract_from: {
      const Tensor minus_one(value.rank() == 0 ? Shape{} : Shape{1}, {-1.0f});
      return push(model::Affine{.scale = minus_one, .offset = std::move(value)});
    }
    case Arithmetic::multiply:
    case Arithmetic::divide:
      return add_scale(arithmetic, std::move(value));
  }
}

void Builder::add_batch_norm(model::BatchNorm norm) {
  if (!view_.knows_rank) {
    view_ = {.row = {norm.num_features}};
    layer_row_ = view_.row;
  }
  const std::size_t index = view_.feature_index(1);
  if (view_.row[index] != norm.num_features && view_.row[index] != -1) {
    fail(Errc::shape_mismatch, "input", "dimension 1", std::to_string(norm.num_features),
         std::to_string(view_.row[index]));
  }
  norm.axis = static_cast<std::int64_t>(index) + 1;
  // Dimensions of size 1 behind the features change nothing: exporters add them before the operator and drop them
  // after.
  if (without_trailing_ones(layer_row_) != without_trailing_ones(view_.row)) sync();
  push(std::move(norm));
}

void Builder::reshape(RowView view) {
  if (view.row.size() > kMostDimensions) fail(Errc::limit_exceeded, "gives a row more than 8 dimensions");
  const bool known = is_known(layer_row_) && is_known(view.row);
  const bool changes = view.row != view_.row;
  view_ = std::move(view);
  if (known || !changes) return;
  if (view_.row.size() != 1 && std::count(view_.row.begin(), view_.row.end(), -1) > 1) {
    fail(Errc::unsupported_feature, "gives a row a shape whose sizes the file does not tell");
  }
  sync();
}

model::Network Builder::finish() {
  if (!view_.row.empty()) sync();  // a single number stays a row of one
  model::Network network;
  network.layers = std::move(layers_);
  network.input_shape = std::move(input_row_);
  return network;
}

}  // namespace lamina::format::onnx
