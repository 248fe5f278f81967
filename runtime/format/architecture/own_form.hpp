// lamina's own architecture text, which save() stores -> Network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/expression.hpp"
#include "format/architecture/torch_layers.hpp"

namespace lamina::format::architecture {

/// What the text begins with; the version follows.
inline constexpr std::string_view kOwnHeader = "# lamina architecture ";
inline constexpr int kOwnVersion = 1;

[[nodiscard]] bool looks_own(std::string_view text);
/// Throws Error{unsupported_feature} for a later version.
[[nodiscard]] model::Network parse_own(Cursor& cursor, const TorchContext& context, Scope& scope);

}  // namespace lamina::format::architecture
