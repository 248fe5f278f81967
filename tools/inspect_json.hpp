// Model and Plan -> the JSON that `inspect --format json` prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/lamina.hpp>

#include <nlohmann/json.hpp>

namespace lamina::tools {

[[nodiscard]] nlohmann::ordered_json to_json(const Model& model);
[[nodiscard]] nlohmann::ordered_json to_json(const Plan& plan);
[[nodiscard]] nlohmann::ordered_json to_json(const Error& error);

/// What the keys are, for --help.
inline constexpr const char* kInspectKeys =
    "JSON keys: input_shape, output_shape (one row; null: open), parameters, layers [{name, type, description,\n"
    "output_shape, parameters}], architecture (as PyTorch prints it), every_parameter (as lamina saves it), "
    "golden_rows\n"
    "(null: none), notes; with --plan also plan {instruction_set, threads, batch_coupled, row_block, scratch_bytes,\n"
    "weight_bytes, steps [{layers, operation, kernel, in_place, skips_zeros, flops_per_row, weight_bytes}]}.\n"
    "For a file that cannot be read: error {code, message, problems}.";

}  // namespace lamina::tools
