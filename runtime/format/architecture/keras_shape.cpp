// Sizes that Keras infers from the input.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_shape.hpp"

#include <algorithm>

namespace lamina::format::architecture {

const Shape& known_input(const KerasLayerCall& layer) {
  if (!layer.input) {
    layer.context.source.fail(Errc::malformed, layer.arguments.at(),
                              std::string(layer.arguments.callee()) +
                                  ": the input's shape is not known: give the first layer input_shape=(...), or "
                                  "begin with Input(shape=(...))");
  }
  return *layer.input;
}

std::int64_t last_dimension(const KerasLayerCall& layer) {
  const Shape& shape = known_input(layer);
  if (shape.empty()) {
    layer.context.source.fail(Errc::shape_mismatch, layer.arguments.at(),
                              std::string(layer.arguments.callee()) + ": the input has no dimension but the batch");
  }
  return shape.back();
}

std::size_t row_dimension(const KerasLayerCall& layer, std::string_view argument, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(known_input(layer).size()) + 1;
  const std::int64_t positive = axis < 0 && axis >= -rank ? axis + rank : axis;
  if (positive < 1 || positive >= rank) {
    layer.arguments.fail(Errc::shape_mismatch, argument,
                         "no dimension " + std::to_string(axis) + " in an input of " + std::to_string(rank) +
                             " dimensions, the batch among them");
  }
  return static_cast<std::size_t>(positive - 1);
}

}  // namespace lamina::format::architecture
