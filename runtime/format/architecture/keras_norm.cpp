// Shapes of normalizing weights.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_norm.hpp"

#include <algorithm>
#include <cmath>

namespace lamina::format::architecture {
namespace {

/// The one axis of an argument that may be an integer or a list of one.
std::int64_t one_axis(const Arguments& a) {
  if (!a.has("axis")) return -1;
  const std::vector<std::int64_t> axes = a.integers("axis", true);
  if (axes.size() != 1) a.fail(Errc::unsupported_feature, "axis", "expected one axis");
  return axes[0];
}

/// One number, or one per entry of a dimension of the row, shaped to broadcast there.
Tensor broadcast(const KerasLayerCall& layer, std::string_view argument, std::vector<float> values) {
  if (values.empty()) layer.arguments.fail(Errc::malformed, argument, "expected numbers, got none");
  if (values.size() == 1) return Tensor(Shape{}, values);
  Shape shape = known_input(layer);
  const std::size_t dimension = row_dimension(layer, argument, one_axis(layer.arguments));
  const std::int64_t size = shape[dimension];
  if (static_cast<std::uint64_t>(size) != values.size()) {
    layer.arguments.fail(Errc::shape_mismatch, argument,
                         "expected " + std::to_string(size) + " numbers, got " + std::to_string(values.size()));
  }
  std::fill(shape.begin(), shape.end(), 1);
  shape[dimension] = size;
  return Tensor(shape.size() == dimension + 1 ? Shape{size} : shape, values);
}

/// Enough for any row; the shape comes from the text.
constexpr std::int64_t kMaxFeatures = std::int64_t{1} << 24;

}  // namespace

KerasOps keras_prelu(const KerasLayerCall& layer) {
  model::PReLU prelu;
  prelu.per_position = true;
  prelu.alpha_shape = known_input(layer);
  prelu.init = 0;
  if (layer.arguments.has("shared_axes")) {
    for (const std::int64_t axis : layer.arguments.integers("shared_axes", true)) {
      prelu.alpha_shape[row_dimension(layer, "shared_axes", axis)] = 1;
    }
  }
  return {prelu, {}};
}

KerasOps keras_batch_norm(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  if (a.has("renorm") && a.boolean("renorm")) a.fail(Errc::unsupported_feature, "renorm", "is not supported");
  if (a.has("mode") && a.integer("mode") != 0) a.fail(Errc::unsupported_feature, "mode", "only mode 0 is supported");
  model::BatchNorm norm;
  norm.axis = one_axis(a);
  norm.num_features = known_input(layer)[row_dimension(layer, "axis", norm.axis)];
  norm.eps = a.real("epsilon", 1e-3);
  norm.momentum = a.real("momentum", 0.99);
  norm.has_weight = a.boolean("scale", true);
  norm.has_bias = a.boolean("center", true);
  return {norm, {}};
}

KerasOps keras_layer_norm(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  if (a.has("rms_scaling") && a.boolean("rms_scaling")) {
    a.fail(Errc::unsupported_feature, "rms_scaling", "is not supported");
  }
  const Shape& input = known_input(layer);
  std::vector<std::size_t> dimensions;
  for (const std::int64_t axis : a.has("axis") ? a.integers("axis", true) : std::vector<std::int64_t>{-1}) {
    dimensions.push_back(row_dimension(layer, "axis", axis));
  }
  std::sort(dimensions.begin(), dimensions.end());
  const std::size_t first = input.size() - std::min(dimensions.size(), input.size());
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i] != first + i) a.fail(Errc::unsupported_feature, "axis", "only the last dimensions are supported");
  }
  model::LayerNorm norm;
  norm.normalized_shape.assign(input.begin() + static_cast<std::ptrdiff_t>(first), input.end());
  norm.eps = a.real("epsilon", 1e-3);
  norm.has_weight = a.boolean("scale", true);
  norm.has_bias = a.boolean("center", true);
  return {norm, {}};
}

KerasOps keras_unit_norm(const KerasLayerCall& layer) {
  const std::int64_t axis = one_axis(layer.arguments);
  const bool last = axis == -1 || (layer.input && row_dimension(layer, "axis", axis) + 1 == layer.input->size());
  if (!last) layer.arguments.fail(Errc::unsupported_feature, "axis", "only the last dimension is supported");
  return {model::UnitNorm{}, {}};
}

KerasOps keras_rescaling(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  model::Affine affine;
  affine.scale = broadcast(layer, "scale", a.reals("scale"));
  const std::vector<float> offset = a.has("offset") ? a.reals("offset") : std::vector<float>();
  const bool zero = std::all_of(offset.begin(), offset.end(), [](float value) { return value == 0; });
  if (!zero) affine.offset = broadcast(layer, "offset", offset);
  return {affine, {}};
}

KerasOps keras_normalization(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  if (a.has("invert") && a.boolean("invert")) a.fail(Errc::unsupported_feature, "invert", "is not supported");
  model::Affine affine;
  affine.divide = true;
  if (a.has("mean") && a.has("variance")) {
    affine.shift = broadcast(layer, "mean", a.reals("mean"));
    std::vector<float> deviation = a.reals("variance");
    for (float& value : deviation) {
      if (!(value >= 0)) a.fail(Errc::invalid_argument, "variance", "expected no negative number");
      value = std::max(std::sqrt(value), 1e-7F);
    }
    affine.scale = broadcast(layer, "variance", std::move(deviation));
    return {affine, {}};
  }
  const bool whole = a.find("axis") != nullptr && !a.has("axis");
  const std::int64_t size = whole ? 1 : known_input(layer)[row_dimension(layer, "axis", one_axis(a))];
  if (size < 1 || size > kMaxFeatures) a.fail(Errc::limit_exceeded, "axis", "too many features");
  const auto count = static_cast<std::size_t>(size);
  affine.shift = broadcast(layer, "axis", std::vector<float>(count, 0.0F));
  affine.scale = broadcast(layer, "axis", std::vector<float>(count, 1.0F));
  return {affine, {}};
}

}  // namespace lamina::format::architecture
