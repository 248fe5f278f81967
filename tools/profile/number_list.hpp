// "1,8,64" or "1:4096:x2" -> numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lamina::tools {

/// Numbers from `least` on and ranges FIRST:LAST:xFACTOR or FIRST:LAST:STEP, separated by commas; ascending, each once.
/// Throws UsageError that names `flag`.
[[nodiscard]] std::vector<std::size_t> parse_numbers(const std::string& flag, const std::string& text,
                                                     std::size_t least);

}  // namespace lamina::tools
