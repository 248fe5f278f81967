// The flags that say how to read a model -> Model: the same for every command.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/lamina.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lamina::tools {

struct ModelOptions {
  std::string path;          // MODEL; empty: weights drawn from `seed` for `architecture`
  std::string architecture;  // TEXT or @FILE
  std::string input_shape;
  std::string prefix;
  std::vector<std::string> map;
  bool allow_unused = false;
  std::string output_name;
  bool external_data = false;
  std::optional<int> keras;
  std::vector<std::string> arguments;
  std::optional<std::uint64_t> seed;
};

enum class ModelFile { required, optional, several };

/// Adds MODEL and its flags to a command. Optional: `--arch` with random weights may stand in. Several: the flags
/// alone, for a command that has MODELs of its own and sets `path` to each.
void add_model_options(CLI::App& app, ModelOptions& options, ModelFile file);

/// With the shape of --input-shape. Throws Error as lamina::load does, UsageError for flags that do not go together.
[[nodiscard]] Model load_model(const ModelOptions& options);

/// `threads`; 0: all effective CPUs.
[[nodiscard]] CompileOptions compile_options(int threads);

}  // namespace lamina::tools
