// A Report -> one HTML page that needs nothing else: plots, drawn by its own script from the report's JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>
#include <string_view>

namespace lamina::tools {

/// With @REPORT@ where the JSON belongs; made of tools/profile/page when the program is built.
extern const std::string_view kPage;

[[nodiscard]] std::string to_html(const Report& report);

}  // namespace lamina::tools
