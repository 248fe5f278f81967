// Steps, rows and roofs -> the least time that a run and each of its steps can take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

namespace lamina::tools {

/// Fills in report.work and the roof of each step. `roofs` may be null: then only what there is to do is filled in.
void find_work(const Plan& plan, const Roofs* roofs, RunReport& report);

}  // namespace lamina::tools
