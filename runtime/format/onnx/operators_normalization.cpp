// BatchNormalization, LayerNormalization, Softmax and LogSoftmax.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/operators.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::int64_t kOneAxisSoftmax = 13;  // opset from which Softmax works along one axis

Tensor per_channel(Conversion& c, std::size_t index, std::int64_t channels) {
  Constant constant = c.floats(index);
  if (constant.dims != Shape{channels}) {
    fail(Errc::shape_mismatch, "input " + std::to_string(index), "shape", to_string(Shape{channels}),
         to_string(constant.dims));
  }
  return std::move(constant.floats);
}

void batch_norm(Conversion& c) {
  c.require_first();
  Constant scale = c.floats(1);
  if (scale.dims.size() != 1 || scale.size() == 0) {
    fail(Errc::shape_mismatch, "scale", "shape", "one number per channel", to_string(scale.dims));
  }
  model::BatchNorm norm;
  norm.num_features = scale.dims[0];
  norm.eps = c.attributes.number("epsilon", 1e-5);
  norm.momentum = std::numeric_limits<double>::quiet_NaN();  // of the training, which it does not tell
  norm.weight = std::move(scale.floats);
  norm.bias = per_channel(c, 2, norm.num_features);
  norm.running_mean = per_channel(c, 3, norm.num_features);
  norm.running_var = per_channel(c, 4, norm.num_features);
  c.attributes.ignore("momentum");
  c.attributes.ignore("consumed_inputs");
  const std::string_view over_batch =
      "normalises over the batch, as in training: a row's answer would depend on others";
  c.attributes.require("training_mode", 0, over_batch);
  c.attributes.require("spatial", 1, "one mean for each position is not known");
  if (c.opset() < 7) {
    if (c.attributes.integer("is_test", 0) == 0) fail(Errc::unsupported_feature, "is_test=0", over_batch);
  }
  c.builder.add_batch_norm(std::move(norm));
}

/// Scale and bias may have fewer dimensions than what is normalised: they broadcast.
Tensor spread_over(const Constant& constant, const Shape& shape) {
  Tensor result(shape);
  const std::size_t size = constant.size();
  Shape tail = constant.dims;
  while (!tail.empty() && tail.front() == 1) tail.erase(tail.begin());
  if (tail.size() > shape.size() || !std::equal(tail.rbegin(), tail.rend(), shape.rbegin())) {
    fail(Errc::shape_mismatch, "scale or bias", "shape", to_string(shape), to_string(constant.dims));
  }
  const std::span<float> values = result.mutable_values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = constant.floats.data()[i % size];
  return result;
}

void layer_norm(Conversion& c) {
  c.require_first();
  model::LayerNorm norm;
  norm.normalized_shape = c.builder.view().known_from(c.attributes.integer("axis", -1));
  norm.eps = c.attributes.number("epsilon", 1e-5);
  norm.weight = spread_over(c.floats(1), norm.normalized_shape);
  norm.has_bias = c.has_input(2);
  if (norm.has_bias) norm.bias = spread_over(c.floats(2), norm.normalized_shape);
  c.attributes.ignore("stash_type");  // the precision of the mean: float32 is what lamina has
  c.builder.add(std::move(norm));
}

/// Opset 13: along one axis. The batch is dimension 0 of lamina's too.
void along_axis(Conversion& c, model::SoftmaxKind kind) {
  const RowView& view = c.builder.view();
  if (!view.knows_rank && c.attributes.integer("axis", -1) == -1) {
    return c.builder.add(model::Softmax{.kind = kind, .dims = {-1}});
  }
  const std::optional<std::size_t> index = view.row_index(c.attributes.integer("axis", -1));
  if (!index && view.joined != 0)
    fail(Errc::unsupported_feature, "axis", "is the batch and a part of each row together");
  c.builder.add(model::Softmax{.kind = kind, .dims = {index ? static_cast<std::int64_t>(*index) + 1 : 0}});
}

/// Before opset 13: over all dimensions from the axis on, together.
void over_the_rest(Conversion& c, model::SoftmaxKind kind) {
  const std::int64_t axis = c.attributes.integer("axis", 1);
  RowView view = c.builder.view();
  if (!view.knows_rank) fail(Errc::unsupported_feature, "needs the shape of the network's input");
  const std::size_t first = view.feature_index(axis);
  if (first + 1 == view.row.size()) {
    return c.builder.add(model::Softmax{.kind = kind, .dims = {static_cast<std::int64_t>(first) + 1}});
  }
  // As one dimension, and back.
  const RowView before = view;
  const std::size_t size = element_count(view.known_from(axis));
  view.row.resize(first);
  view.row.push_back(static_cast<std::int64_t>(size));
  c.builder.reshape(view);
  c.builder.add(model::Softmax{.kind = kind, .dims = {static_cast<std::int64_t>(first) + 1}});
  c.builder.reshape(before);
}

template <model::SoftmaxKind kKind>
void softmax(Conversion& c) {
  c.require_first();
  c.opset() < kOneAxisSoftmax ? over_the_rest(c, kKind) : along_axis(c, kKind);
}

constexpr std::array kRows = {
    OperatorRow{"BatchNormalization", batch_norm},
    OperatorRow{"LayerNormalization", layer_norm},
    OperatorRow{"Softmax", softmax<model::SoftmaxKind::softmax>},
    OperatorRow{"LogSoftmax", softmax<model::SoftmaxKind::log_softmax>},
};

}  // namespace

Convert find_normalization(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const OperatorRow& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->convert;
}

}  // namespace lamina::format::onnx
