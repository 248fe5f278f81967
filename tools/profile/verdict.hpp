// A Report -> one to three plain sentences: what bounds it, and what to try.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>
#include <vector>

namespace lamina::tools {

/// One per number of threads; report.runs are ascending in their batches.
[[nodiscard]] std::vector<Knee> find_knees(const Report& report);

/// Of a report that is complete but for this.
[[nodiscard]] std::vector<std::string> find_verdict(const Report& report);

}  // namespace lamina::tools
