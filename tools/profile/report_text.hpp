// A Report -> aligned tables for people, Markdown, or one line of CSV per run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>

namespace lamina::tools {

[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_markdown(const Report& report);
/// With a header; times in ns, empty cells where there are too few samples.
[[nodiscard]] std::string to_csv(const Report& report);

}  // namespace lamina::tools
