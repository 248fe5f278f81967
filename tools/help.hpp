// How --help looks, and the checks of numbers on the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace lamina::tools {

/// CLI11's layout with the argument's name alone behind a flag: checks and exclusions show when they are broken.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_opts(const CLI::Option* option) const override;
};

/// A whole number from `least` on.
[[nodiscard]] CLI::Validator whole_number(int least);

}  // namespace lamina::tools
