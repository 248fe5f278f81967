// A Keras layer's constructor call (from code or from its JSON config) and its input shape -> a layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/arguments.hpp"
#include "format/architecture/scope.hpp"
#include "format/architecture/value.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

#include <optional>

namespace lamina::format::architecture {

struct KerasContext {
  const Source& source;
  const Scope& scope;
  std::optional<int> version;  // major; absent for code that nobody gave one for
  const Limits& limits;
};

/// A layer, and its `activation` argument where that does something.
struct KerasOps {
  model::Op op;
  std::optional<model::Op> joined;
};

/// `input`: shape of a row, where known; a layer that needs it asks for it.
[[nodiscard]] KerasOps keras_ops(const KerasContext& context, const std::string& class_name, const Value& call,
                                 const std::optional<Shape>& input);
/// False for an argument that the class does not have; true for all of an unknown class.
[[nodiscard]] bool keras_has_argument(std::string_view class_name, std::string_view argument);
[[nodiscard]] bool is_keras_layer(std::string_view class_name) noexcept;

/// None, "relu", tf.nn.relu, layers.LeakyReLU(0.1) -> the activation; nothing for None and "linear".
[[nodiscard]] std::optional<model::Op> keras_activation(const KerasContext& context, const Value& value);

/// Throws unsupported_layer that names it, with the closest known name.
[[noreturn]] void fail_unknown_keras_layer(const Source& source, std::size_t at, std::string_view name);

}  // namespace lamina::format::architecture
