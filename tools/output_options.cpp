// --format and --json -> the form of an answer; text -> standard output.
// SPDX-License-Identifier: Apache-2.0
#include "output_options.hpp"

#include <lamina/data.hpp>

namespace lamina::tools {

void add_format_option(CLI::App& app, std::string& format, const std::vector<std::string>& forms) {
  CLI::Option* option = app.add_option("--format", format, "Form of the output")->check(CLI::IsMember(forms));
  std::string names;
  for (const std::string& form : forms) names += (names.empty() ? "" : "|") + form;
  option->type_name(names);
  app.add_flag_callback(
         "--json", [&format] { format = "json"; }, "The same as --format json")
      ->excludes(option);
}

void print(std::string_view text) {
  data::TextWriter out("-");
  out.write(text);
  out.finish();
}

void print_json(const nlohmann::ordered_json& document) {
  print(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace lamina::tools
