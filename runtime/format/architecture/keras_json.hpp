// Keras's JSON objects -> the constructor calls that they stand for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/value.hpp"
#include "format/container/json.hpp"

#include <string>

namespace lamina::format::architecture {

/// {"class_name": "Dense", "config": {...}} -> Dense(units=..., ...). Throws for a class that is not Keras's own.
[[nodiscard]] Value keras_layer_call(const Json& layer);
/// {"class_name": "Sequential" or "Functional", ...} -> Sequential(layers=[...], name=...), or Functional(...), the
/// same under the name that Keras's files count by.
[[nodiscard]] Value keras_model_call(const Json& model);
/// The layers of a Functional's config, from its input to its output. Throws Error{unsupported_feature} that names
/// the layer where it is no chain.
[[nodiscard]] std::vector<const Json*> functional_chain(const Json& config);

/// The member, or Error{malformed} that names it.
[[nodiscard]] const Json& member(const Json& object, std::string_view key, std::string_view place);

}  // namespace lamina::format::architecture
