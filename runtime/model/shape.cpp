// Layer + row shape -> the row's shape after it, and which dimensions the layer works over.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"

#include <algorithm>

namespace lamina::model {
namespace {

[[noreturn]] void mismatch(const Layer& layer, const std::string& expected, const Shape& got) {
  base::fail(Errc::shape_mismatch, place(layer), "input", expected, to_string(got));
}

/// Right-aligned broadcast of `part` over `row` that does not make the row larger.
bool broadcasts(const Shape& part, const Shape& row) {
  return part.size() <= row.size() &&
         std::equal(part.rbegin(), part.rend(), row.rbegin(), [](auto p, auto r) { return p == 1 || p == r; });
}

/// One function per alternative of Op; throws where `input` does not fit.
struct OutputShape {
  const Layer& layer;
  const Shape& input;

  Shape operator()(const Linear& linear) const {
    if (input.empty() || input.back() != linear.in_features) {
      mismatch(layer, "last dimension " + std::to_string(linear.in_features), input);
    }
    Shape output = input;
    output.back() = linear.out_features;
    return output;
  }

  Shape operator()(const Activation&) const { return input; }
  Shape operator()(const Dropout&) const { return input; }
  Shape operator()(const Identity&) const { return input; }

  Shape operator()(const PReLU& prelu) const {
    if (prelu.per_position) {
      if (!broadcasts(prelu.alpha_shape, input)) mismatch(layer, fitting(prelu.alpha_shape), input);
    } else if (prelu.num_parameters != 1 && (input.empty() || input.front() != prelu.num_parameters)) {
      mismatch(layer, "first dimension of a row " + std::to_string(prelu.num_parameters), input);
    }
    return input;
  }

  Shape operator()(const Softmax&) const {
    (void)softmax_axes(layer, input.size());
    return input;
  }

  Shape operator()(const Glu& glu) const {
    const int axis = feature_axis(glu.dim);
    Shape output = input;
    auto& size = output[static_cast<std::size_t>(axis)];
    if (size % 2 != 0) mismatch(layer, "an even size in dimension " + std::to_string(glu.dim), input);
    size /= 2;
    return output;
  }

  Shape operator()(const BatchNorm& norm) const {
    const int axis = feature_axis(norm.axis);
    if (input[static_cast<std::size_t>(axis)] != norm.num_features) {
      mismatch(layer,
               std::to_string(norm.num_features) + " features in dimension " + std::to_string(axis) + " of a row",
               input);
    }
    return input;
  }

  Shape operator()(const LayerNorm& norm) const {
    const Shape& trailing = norm.normalized_shape;
    if (trailing.size() > input.size() || !std::equal(trailing.rbegin(), trailing.rend(), input.rbegin())) {
      mismatch(layer, "last dimensions " + to_string(trailing), input);
    }
    return input;
  }

  Shape operator()(const Flatten& flatten) const {
    const int start = feature_axis(flatten.start_dim);
    const int end = feature_axis(flatten.end_dim);
    if (start > end) mismatch(layer, "start_dim not after end_dim", input);
    Shape output(input.begin(), input.begin() + start);
    const Shape joined(input.begin() + start, input.begin() + end + 1);
    output.push_back(static_cast<std::int64_t>(element_count(joined)));
    output.insert(output.end(), input.begin() + end + 1, input.end());
    return output;
  }

  Shape operator()(const Reshape& reshape) const {
    const auto size = static_cast<std::int64_t>(element_count(input));
    std::int64_t known = 1;
    for (const std::int64_t entry : reshape.target) {
      if (entry != -1 && (entry <= 0 || __builtin_mul_overflow(known, entry, &known))) known = 0;
    }
    Shape output = reshape.target;
    if (known > 0) std::replace(output.begin(), output.end(), std::int64_t{-1}, size / known);
    if (known == 0 || element_count(output) != element_count(input)) {
      mismatch(layer, "as many numbers as " + to_string(reshape.target), input);
    }
    return output;
  }

  Shape operator()(const Affine& affine) const {
    for (const Tensor* part : {&affine.shift, &affine.scale, &affine.offset}) {
      if (!part->empty() && !broadcasts(part->shape(), input)) mismatch(layer, fitting(part->shape()), input);
    }
    return input;
  }

  Shape operator()(const UnitNorm&) const {
    if (input.empty()) mismatch(layer, "a row with dimensions", input);
    return input;
  }

  Shape operator()(const Sequential&) const {
    Shape shape = input;
    for (const Layer& inner : model::flatten(layer)) shape = output_shape(inner, shape);
    return shape;
  }

 private:
  static std::string fitting(const Shape& part) { return "a row that " + to_string(part) + " broadcasts over"; }

  /// row_axis() of a layer that cannot work over the batch.
  [[nodiscard]] int feature_axis(std::int64_t dim) const {
    const int axis = row_axis(dim, input.size(), place(layer));
    if (axis < 0) {
      base::fail(Errc::unsupported_feature, place(layer), "dimension " + std::to_string(dim), "a dimension of the row",
                 "the batch");
    }
    return axis;
  }
};

/// The dimensions as PyTorch or Keras counts them, the batch as 0.
std::vector<std::int64_t> softmax_dims(const Layer& layer, const Softmax& softmax, std::size_t row_rank) {
  if (softmax.kind == SoftmaxKind::softmax2d) {
    if (row_rank == 2 || row_rank == 3) return {-3};
    base::fail(Errc::shape_mismatch, place(layer), "rank of the input with its batch", "3 or 4",
               std::to_string(row_rank + 1));
  }
  if (!softmax.dims.empty()) return softmax.dims;
  if (row_rank > 1) {
    base::fail(Errc::shape_mismatch, place(layer), "dim=None", "a dim, or an input of rank 2 with its batch",
               "rank " + std::to_string(row_rank + 1));
  }
  return {static_cast<std::int64_t>(row_rank)};
}

}  // namespace

Shape output_shape(const Layer& layer, const Shape& input) { return std::visit(OutputShape{layer, input}, layer.op); }

int row_axis(std::int64_t dim, std::size_t row_rank, const std::string& layer) {
  const auto rank = static_cast<std::int64_t>(row_rank) + 1;
  if (dim < -rank || dim >= rank) {
    base::fail(Errc::shape_mismatch, layer, "dimension", std::to_string(-rank) + " to " + std::to_string(rank - 1),
               std::to_string(dim));
  }
  return static_cast<int>((dim < 0 ? dim + rank : dim) - 1);
}

std::vector<int> softmax_axes(const Layer& layer, std::size_t row_rank) {
  std::vector<int> axes;
  for (const std::int64_t dim : softmax_dims(layer, std::get<Softmax>(layer.op), row_rank)) {
    axes.push_back(row_axis(dim, row_rank, place(layer)));
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
    base::fail(Errc::shape_mismatch, place(layer), "dimensions", "each once", "one twice");
  }
  return axes;
}

bool couples_batch(const Layer& layer, std::size_t row_rank) {
  if (std::holds_alternative<Softmax>(layer.op)) return softmax_axes(layer, row_rank).front() < 0;
  if (const auto* glu = std::get_if<Glu>(&layer.op)) return row_axis(glu->dim, row_rank, place(layer)) < 0;
  return false;
}

}  // namespace lamina::model
