// A Report -> aligned tables for people, Markdown, or CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>

namespace lamina::tools {

[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_markdown(const Report& report);
/// With a header; the loads alone where there are any. Times in ns, empty cells where there are too few samples.
[[nodiscard]] std::string to_csv(const Report& report);

}  // namespace lamina::tools
