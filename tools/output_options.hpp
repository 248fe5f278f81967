// --format and --json -> the form of an answer; text -> standard output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lamina::tools {

/// Adds --format with `forms` and its short form --json.
void add_format_option(CLI::App& app, std::string& format, const std::vector<std::string>& forms);

/// Writes all of `text` to standard output. Throws Error{io}.
void print(std::string_view text);
/// Indented, with a newline; bytes that are no UTF-8 are replaced.
void print_json(const nlohmann::ordered_json& document);

}  // namespace lamina::tools
