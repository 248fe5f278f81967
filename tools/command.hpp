// What a command of the program is: flags that it adds, work that it then does, exit status.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <stdexcept>

namespace lamina::tools {

enum ExitStatus : int {
  kDone = 0,
  kWorkFailed = 1,   // unreadable file, bad architecture, shapes that do not fit
  kBadUsage = 2,     // flag, missing argument
  kCheckFailed = 3,  // beyond tolerance
};

/// Flags that contradict each other in a way that only shows after parsing: status kBadUsage.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a command does once its flags are parsed.
using Action = std::function<ExitStatus()>;

struct Command {
  const char* name;
  const char* summary;
  Action (*add_to)(CLI::App& app);
};

Action add_run(CLI::App& app);
Action add_inspect(CLI::App& app);
Action add_verify(CLI::App& app);
Action add_profile(CLI::App& app);
Action add_convert(CLI::App& app);
Action add_serve(CLI::App& app);
Action add_plot(CLI::App& app);
Action add_info(CLI::App& app);

}  // namespace lamina::tools
