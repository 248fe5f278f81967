// JSON object (config.json) -> arguments of __init__ as Python's literals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/model.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::format::architecture {

/// {"hidden": 128, "act": "relu", "bias": true, "sizes": [64, 32]} -> hidden 128, act 'relu', bias True, sizes [64,
/// 32]. Members that hold objects are left out: no argument of a network that lamina reads is one. Throws
/// Error{malformed, limit_exceeded}.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> configuration_arguments(std::string_view json,
                                                                                       const Limits& limits);

}  // namespace lamina::format::architecture
