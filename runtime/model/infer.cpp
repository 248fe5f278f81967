// Nested network -> flat layers, and the row shapes between them.
// SPDX-License-Identifier: Apache-2.0
#include "model/infer.hpp"

#include "base/fail.hpp"

#include <iterator>
#include <utility>

namespace lamina::model {
namespace {

constexpr int kMaxNesting = 16;

void append_flat(std::span<const Layer> layers, const std::string& prefix, int depth, std::vector<Layer>& flat) {
  if (depth > kMaxNesting) {
    base::fail(Errc::limit_exceeded, "layer " + base::quoted(prefix), "nesting", "at most 16 levels of Sequential",
               "more");
  }
  for (const Layer& layer : layers) {
    const std::string name = prefix.empty() ? layer.name : prefix + "." + layer.name;
    if (const auto* nested = std::get_if<Sequential>(&layer.op)) {
      append_flat(nested->layers, name, depth + 1, flat);
    } else {
      flat.push_back(layer);
      flat.back().name = name;
    }
  }
}

/// Works on each number alone: says nothing about the shape, and accepts any.
bool elementwise(const Op& op) {
  return std::holds_alternative<Activation>(op) || std::holds_alternative<Dropout>(op) ||
         std::holds_alternative<Identity>(op);
}

bool keeps_shape(const Op& op) {
  return elementwise(op) || std::holds_alternative<PReLU>(op) || std::holds_alternative<Softmax>(op) ||
         std::holds_alternative<Affine>(op) || std::holds_alternative<UnitNorm>(op);
}

bool flattens_row(const Op& op) {
  const auto* flatten = std::get_if<Flatten>(&op);
  return flatten != nullptr && flatten->start_dim == 1 && flatten->end_dim == -1;
}

std::optional<Shape> asked_shape(const Op& op) {
  if (const auto* linear = std::get_if<Linear>(&op)) return Shape{linear->in_features};
  if (const auto* norm = std::get_if<LayerNorm>(&op)) return norm->normalized_shape;
  if (const auto* norm = std::get_if<BatchNorm>(&op); norm != nullptr && (norm->axis == 1 || norm->axis == -1)) {
    return Shape{norm->num_features};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Layer> flatten(const Network& network) {
  std::vector<Layer> flat;
  append_flat(network.layers, {}, 0, flat);
  return flat;
}

std::vector<Layer> flatten(const Layer& layer) {
  std::vector<Layer> flat;
  append_flat({&layer, 1}, {}, 0, flat);
  return flat;
}

std::optional<Shape> input_shape(const Network& network) {
  if (network.input_shape) return network.input_shape;
  bool any_shape_fits = true;  // all layers so far
  for (const Layer& layer : flatten(network)) {
    if (auto shape = asked_shape(layer.op)) return shape;
    if (flattens_row(layer.op) && any_shape_fits) continue;
    if (!keeps_shape(layer.op)) return std::nullopt;
    any_shape_fits = any_shape_fits && elementwise(layer.op);
  }
  return std::nullopt;
}

std::vector<std::optional<Shape>> output_shapes(std::span<const Layer> layers, const std::optional<Shape>& input) {
  std::vector<std::optional<Shape>> shapes(layers.size());
  std::optional<Shape> shape = input;
  for (std::size_t i = 0; shape && i < layers.size(); ++i) {
    try {
      shapes[i] = output_shape(layers[i], *shape);
    } catch (const Error&) {
      // An unknown shape, not a failure: who needs it calls output_shape and gets the reason.
    }
    shape = shapes[i];
  }
  return shapes;
}

}  // namespace lamina::model
