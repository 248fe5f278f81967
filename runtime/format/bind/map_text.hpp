// LoadOptions::map <-> the text of --map.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lamina::format {

/// "0=fc1,3=fc2". A backslash stands before a comma, an equals sign or a backslash of a name.
[[nodiscard]] std::string map_text(const std::vector<std::pair<std::string, std::string>>& map);

}  // namespace lamina::format
