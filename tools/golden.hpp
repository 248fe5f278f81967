// Array files or a seed -> golden vectors of a model; the tolerance of a check.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/lamina.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace lamina::tools {

/// --rtol and --atol.
void add_tolerance_options(CLI::App& app, Tolerance& tolerance);

/// "X,Y": two array files of as many rows, of at most 256 MiB. Throws UsageError, Error{shape_mismatch,
/// limit_exceeded}.
[[nodiscard]] GoldenVectors read_golden(const Model& model, const std::string& files);

/// Rows drawn from a seed, about normal, with the model's own answers. Throws as compile() does.
[[nodiscard]] GoldenVectors draw_golden(const Model& model, std::uint64_t seed, std::size_t rows);

}  // namespace lamina::tools
