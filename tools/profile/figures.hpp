// Numbers -> short text for people: "3.68 us", "1.2 GB", "97.3 %".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace lamina::tools {

/// Three significant digits, no exponent: "0.0123", "3.68", "12,345".
[[nodiscard]] std::string three_digits(double value);
[[nodiscard]] std::string duration_text(double ns);
[[nodiscard]] std::string bytes_text(double bytes);
/// One digit behind the point.
[[nodiscard]] std::string percent_text(double share);

}  // namespace lamina::tools
