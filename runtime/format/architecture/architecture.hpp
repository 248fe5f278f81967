// Architecture text in any of its forms <-> Network without weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <lamina/model.hpp>

#include <string>
#include <string_view>

namespace lamina::format {

/// Recognises the form (PyTorch print, PyTorch code, Keras code, Keras JSON, class text, lamina's own) and
/// parses it. Throws Error with line, column and excerpt.
[[nodiscard]] model::Network parse_architecture(std::string_view text, const ArchitectureOptions& options);

/// Versioned constructor text that parse_architecture reads back as an equal Network: every parameter
/// explicit, floats shortest round-trip. What save() stores.
[[nodiscard]] std::string write_architecture(const model::Network& network);

}  // namespace lamina::format
