// A user's Model -> a chain of dense layers, where it is one: what peers without a model format are given.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <lamina/lamina.hpp>

#include <string>
#include <variant>

namespace lamina::bench {

/// The chain, or the reason why the model is none.
[[nodiscard]] std::variant<Chain, std::string> chain_of(const Model& model, const std::string& name);

}  // namespace lamina::bench
