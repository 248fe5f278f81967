// Arguments -> what the lamina program writes, how it ends and how much memory it takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/files.hpp"

#include <string>
#include <vector>

namespace lamina::test {

struct Launch {
  std::vector<std::string> arguments;
  std::string input = "/dev/null";            // path
  std::string output = {};                    // path; empty: captured
  std::vector<std::string> environment = {};  // "NAME=value", beside this process's own
};

struct Outcome {
  int status = 0;  // 128 + the signal where one ended it
  std::string out, err;
  long peak_kib = 0;  // resident
};

[[nodiscard]] Outcome launch(const Launch& launch);
[[nodiscard]] inline Outcome run_lamina(std::vector<std::string> arguments) { return launch({std::move(arguments)}); }

/// Failed with `status`, one line on stderr that holds `part`, nothing on stdout.
[[nodiscard]] bool fails(const Outcome& outcome, int status, std::string_view part);

}  // namespace lamina::test
