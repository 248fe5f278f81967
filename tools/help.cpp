// How --help looks, and the checks of numbers on the command line.
// SPDX-License-Identifier: Apache-2.0
#include "help.hpp"

#include <charconv>
#include <cstdint>

namespace lamina::tools {

HelpFormatter::HelpFormatter() {
  column_width(28);
  label("SUBCOMMAND", "COMMAND");
  label("REQUIRED", "");
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_positional()) return "";
  const std::string type = option->get_type_name();
  return " " + type.substr(0, type.find(':'));
}

CLI::Validator whole_number(int least) {
  return CLI::Validator(
      [least](std::string& text) -> std::string {
        std::int64_t value = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failure == std::errc() && end == text.data() + text.size() && value >= least) return {};
        return "expected a whole number from " + std::to_string(least) + " on, got '" + text + "'";
      },
      "");
}

}  // namespace lamina::tools
