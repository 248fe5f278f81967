// A Keras Sequential, from code or JSON -> Network, with Keras's names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/keras_config.hpp"
#include "format/architecture/keras_layers.hpp"

namespace lamina::format::architecture {

/// `call`: Sequential([...], name=...), layers added later behind its arguments.
[[nodiscard]] KerasNetwork keras_network(const KerasContext& context, const Value& call);

/// "leaky_re_lu" for "LeakyReLU": the name that Keras gives a layer without one.
[[nodiscard]] std::string snake_case(std::string_view class_name);

}  // namespace lamina::format::architecture
