// "leaky_relu(0.1)", "Softmax(dim=1)", "swish" -> one activation layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <string_view>

namespace lamina::format {

/// An activation by the name that PyTorch (module or function) or Keras gives it, with optional parameters. PyTorch's
/// defaults for names that both have. Throws Error{unsupported_layer} with near names, Error{malformed}.
[[nodiscard]] model::Layer parse_activation(std::string_view text);

}  // namespace lamina::format
