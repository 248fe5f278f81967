// Keras's names, shapes and order of a layer's arrays <-> the tensors of the layer.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/parameters.hpp"

#include "base/fail.hpp"
#include "base/transpose.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lamina::format {
namespace {

using Parameters = std::vector<KerasParameter>;

Parameters scale_and_center(bool has_weight, bool has_bias, const Shape& shape) {
  Parameters parameters;
  if (has_weight) parameters.push_back({"gamma", shape});
  if (has_bias) parameters.push_back({"beta", shape});
  return parameters;
}

Parameters parameters_of(const KerasLayer& keras, const model::Op& op) {
  if (const auto* linear = std::get_if<model::Linear>(&op)) {
    Parameters parameters = {{"kernel", {linear->in_features, linear->out_features}}};
    if (linear->has_bias) parameters.push_back({"bias", {linear->out_features}});
    return parameters;
  }
  if (const auto* prelu = std::get_if<model::PReLU>(&op)) return {{"alpha", prelu->alpha_shape}};
  if (const auto* norm = std::get_if<model::BatchNorm>(&op)) {
    const Shape shape = {norm->num_features};
    Parameters parameters = scale_and_center(norm->has_weight, norm->has_bias, shape);
    parameters.push_back({.name = "moving_mean", .shape = shape, .trainable = false});
    parameters.push_back({.name = "moving_variance", .shape = shape, .trainable = false});
    return parameters;
  }
  if (const auto* norm = std::get_if<model::LayerNorm>(&op)) {
    return scale_and_center(norm->has_weight, norm->has_bias, norm->normalized_shape);
  }
  if (const auto* affine = std::get_if<model::Affine>(&op); affine != nullptr && keras.adapted) {
    const Shape shape = {static_cast<std::int64_t>(affine->shift.size())};
    return {{.name = "mean", .shape = shape, .trainable = false},
            {.name = "variance", .shape = shape, .trainable = false},
            {.name = "count", .shape = {}, .trainable = false, .needed = false}};
  }
  return {};
}

Tensor& tensor_of(model::Op& op, std::string_view name) {
  if (auto* linear = std::get_if<model::Linear>(&op)) return name == "kernel" ? linear->weight : linear->bias;
  if (auto* norm = std::get_if<model::BatchNorm>(&op)) {
    if (name == "moving_mean") return norm->running_mean;
    if (name == "moving_variance") return norm->running_var;
    return name == "gamma" ? norm->weight : norm->bias;
  }
  if (auto* norm = std::get_if<model::LayerNorm>(&op)) return name == "gamma" ? norm->weight : norm->bias;
  if (auto* affine = std::get_if<model::Affine>(&op)) return name == "mean" ? affine->shift : affine->scale;
  return std::get<model::PReLU>(op).weight;
}

/// Recursion is bounded: a config nests at most Limits::nesting deep.
void collect(const KerasLayer& keras, model::Layer& layer, const std::string& container,
             std::vector<KerasTarget>& targets) {
  auto* nested = std::get_if<model::Sequential>(&layer.op);
  if (nested == nullptr) {
    KerasTarget target = keras_target(keras, layer, container);
    if (!target.parameters.empty()) targets.push_back(std::move(target));
    return;
  }
  for (const KerasLayer& child : keras.children) {
    if (child.index) collect(child, nested->layers[*child.index], container + keras.name + ".", targets);
  }
}

}  // namespace

KerasTarget keras_target(const KerasLayer& keras, model::Layer& layer, const std::string& container) {
  return {.place = "layer " + base::quoted(container + keras.name) + " (" + keras.class_name + ")",
          .keras = &keras,
          .layer = &layer,
          .parameters = parameters_of(keras, layer.op)};
}

std::vector<KerasTarget> keras_targets(const KerasLayer& keras, model::Layer& layer) {
  std::vector<KerasTarget> targets;
  collect(keras, layer, {}, targets);
  return targets;
}

Tensor keras_deviation(Tensor variance) {
  for (float& value : variance.mutable_values()) {
    if (value < 0) base::fail(Errc::malformed, "a negative number");
    value = std::max(std::sqrt(value), 1e-7F);
  }
  return variance;
}

void set_parameter(model::Layer& layer, std::string_view name, Tensor value) {
  if (name == "count") return;
  Tensor& tensor = tensor_of(layer.op, name);
  if (name == "kernel") value = base::transposed(value);
  if (name == "variance") value = keras_deviation(std::move(value));
  // A Normalization's numbers keep the shape that broadcasts them to its dimension.
  tensor = name == "mean" || name == "variance" ? value.reshaped(tensor.shape()) : std::move(value);
}

}  // namespace lamina::format
