// A Keras layer's call with the shape that comes in -> the sizes that the call itself does not say.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/keras_layers.hpp"

namespace lamina::format::architecture {

/// What a constructor of the table gets.
struct KerasLayerCall {
  const KerasContext& context;
  const Arguments& arguments;
  const std::optional<Shape>& input;
};

/// The row's shape. Throws Error{malformed} that asks for input_shape where it is not known.
[[nodiscard]] const Shape& known_input(const KerasLayerCall& layer);
[[nodiscard]] std::int64_t last_dimension(const KerasLayerCall& layer);
/// Keras's axis (batch counts as 0, negative from the end) -> index into the row's shape.
[[nodiscard]] std::size_t row_dimension(const KerasLayerCall& layer, std::string_view argument, std::int64_t axis);

}  // namespace lamina::format::architecture
