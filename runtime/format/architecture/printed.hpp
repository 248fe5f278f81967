// What print(model) shows in PyTorch -> Network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/expression.hpp"
#include "format/architecture/torch_layers.hpp"

namespace lamina::format::architecture {

/// `Name(` followed by `(child):`, or an empty `Sequential()`.
[[nodiscard]] bool looks_printed(const Cursor& cursor);
[[nodiscard]] model::Network parse_printed(Cursor& cursor, const TorchContext& context, Scope& scope);

}  // namespace lamina::format::architecture
