// This machine -> what a latency depends on, before any model is run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>
#include <vector>

namespace lamina::tools {

/// Without roofs. A few milliseconds.
[[nodiscard]] Environment measure_environment();

/// The roofs of so many threads; null where they were not measured.
[[nodiscard]] const Roofs* roofs_for(const Environment& environment, int threads);

/// Lets this process (threads that it starts later included) run on these CPUs only: "0,1" or "0:3:1".
void pin_to(const std::string& cpus);

}  // namespace lamina::tools
