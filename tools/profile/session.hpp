// What is to be measured -> a Report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/options.hpp"
#include "profile/report.hpp"

namespace lamina::tools {

/// The flags have been checked.
[[nodiscard]] Report run_profile(const ProfileFlags& flags, const ProfilePlan& what);

}  // namespace lamina::tools
