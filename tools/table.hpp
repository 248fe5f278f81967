// Rows of cells -> aligned text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lamina::tools {

/// Columns two spaces apart, as wide as their widest cell; those that `right` names (by index) are right-aligned.
[[nodiscard]] std::string format_table(const std::vector<std::vector<std::string>>& rows,
                                       const std::vector<std::size_t>& right = {});

/// "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t value);

}  // namespace lamina::tools
