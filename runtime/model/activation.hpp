// Activation kind <-> its names in PyTorch and Keras, its parameters and their defaults: one table for all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace lamina::model {

struct ParameterInfo {
  std::string_view name;        // PyTorch's: "negative_slope" (Keras's where PyTorch has none)
  double torch_default;         // NaN: must be given
  double keras_default;         // of keras.activations.<keras>
  std::string_view keras_name;  // where it differs; else empty
};

struct ActivationInfo {
  ActivationKind kind;
  std::string_view module;      // "LeakyReLU": torch.nn; lamina's own name where torch has none
  std::string_view functional;  // "leaky_relu": torch.nn.functional, and lamina::functional
  std::string_view keras;       // "leaky_relu": keras.activations; empty where Keras has none
  bool in_torch;                // module exists in torch.nn
  bool has_inplace;             // module prints inplace=True
  bool takes_inplace;           // its constructor has the argument (Hardswish takes it and prints nothing)
  std::span<const ParameterInfo> parameters;
};

[[nodiscard]] std::span<const ActivationInfo> activation_table() noexcept;
[[nodiscard]] const ActivationInfo& info(ActivationKind kind) noexcept;
[[nodiscard]] const ActivationInfo* find_module(std::string_view torch_module) noexcept;  // "LeakyReLU"
[[nodiscard]] const ActivationInfo* find_functional(std::string_view function) noexcept;  // "leaky_relu"
/// keras.activations name, aliases included ("swish"); not those whose meaning depends on the version
/// ("hard_sigmoid"). A parameter without default (threshold) is NaN in with_keras_defaults.
[[nodiscard]] const ActivationInfo* find_keras(std::string_view name) noexcept;

/// With PyTorch's (or Keras's) default parameters.
[[nodiscard]] Activation with_torch_defaults(ActivationKind kind);
[[nodiscard]] Activation with_keras_defaults(ActivationKind kind);

}  // namespace lamina::model
