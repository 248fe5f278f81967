// Two models, or two settings of one -> the same calls in turns, and which is faster.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/options.hpp"
#include "profile/report.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace lamina::tools {

/// One number of rows, on both sides.
struct VersusRun {
  RunReport a, b;  // b: its steps; its latencies are those measured in turns with a
  std::vector<Difference> differences;
};

struct Versus {
  std::string a, b;  // model and settings of each side
  std::string input;
  std::vector<VersusRun> runs;
  std::vector<std::string> verdict;
};

/// what.against is there.
[[nodiscard]] Versus run_versus(const ProfileFlags& flags, const ProfilePlan& what);

[[nodiscard]] std::string to_text(const Versus& versus);
/// Schema "lamina.profile.versus/1".
[[nodiscard]] nlohmann::ordered_json to_json(const Versus& versus);

}  // namespace lamina::tools
