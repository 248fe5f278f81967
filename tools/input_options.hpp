// The flags of an input array file -> a Reader whose rows fit the plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace lamina::tools {

struct InputOptions {
  std::string path = "-";
  std::string separator = ",";
  data::ReadOptions read;
};

void add_input_options(CLI::App& app, InputOptions& options);

[[nodiscard]] data::Reader open_input(const InputOptions& options);

/// "standard input" for "-".
[[nodiscard]] std::string place_of(const std::string& path);

/// Takes a one-dimensional array as one row of `shape`, or as a column where a row is one number. Rows of another shape
/// are accepted where the count of numbers agrees: [28, 28] for [784]. Throws Error{shape_mismatch}.
void fit_rows(data::Reader& reader, const std::string& path, const Shape& shape);

}  // namespace lamina::tools
