// lamina convert: any model that can be read -> safetensors with its architecture.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "model_options.hpp"

#include <memory>

namespace lamina::tools {
namespace {

struct ConvertOptions {
  ModelOptions model;
  std::string output;
};

ExitStatus convert(const ConvertOptions& options) {
  if (!options.output.ends_with(".safetensors")) {
    throw UsageError("OUT: expected a name that ends in .safetensors, got '" + options.output + "'");
  }
  save(load_model(options.model), options.output);
  return kDone;
}

}  // namespace

Action add_convert(CLI::App& app) {
  const auto options = std::make_shared<ConvertOptions>();
  add_model_options(app, options->model, ModelFile::required);
  app.add_option("OUT", options->output, "The file to write, whole or not at all")
      ->required()
      ->type_name("OUT.safetensors");
  return [options] { return convert(*options); };
}

}  // namespace lamina::tools
