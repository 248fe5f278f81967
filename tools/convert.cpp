// lamina convert: any model that can be read -> safetensors with its architecture, and golden vectors where asked for.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "golden.hpp"
#include "help.hpp"
#include "model_options.hpp"

#include <memory>
#include <optional>

namespace lamina::tools {
namespace {

struct ConvertOptions {
  ModelOptions model;
  std::string output;
  std::string golden;
  std::optional<std::uint64_t> golden_seed;
  std::size_t golden_rows = 16;
  Tolerance tolerance;
};

/// Throws Error{verification_failed} where the model's answers are not those of `golden`.
void check(const Model& model, const GoldenVectors& golden, const ConvertOptions& options) {
  CompileOptions how;
  how.input_shape = Shape(golden.input.shape().begin() + 1, golden.input.shape().end());
  const Comparison comparison = verify(model.compile(how), golden, options.tolerance);
  if (comparison.failures() == 0) return;
  throw Error(Errc::verification_failed, "--golden: the model gives other answers: largest error " +
                                             to_string(comparison.largest()) + "; " + to_string(comparison));
}

ExitStatus convert(const ConvertOptions& options) {
  if (!options.output.ends_with(".safetensors")) {
    throw UsageError("OUT: expected a name that ends in .safetensors, got '" + options.output + "'");
  }
  Model model = load_model(options.model);
  if (!options.golden.empty()) {
    const GoldenVectors golden = read_golden(model, options.golden);
    check(model, golden, options);
    model.set_golden_vectors(golden);
  } else if (options.golden_seed) {
    model.set_golden_vectors(draw_golden(model, *options.golden_seed, options.golden_rows));
  }
  save(model, options.output);
  return kDone;
}

}  // namespace

Action add_convert(CLI::App& app) {
  const auto options = std::make_shared<ConvertOptions>();
  add_model_options(app, options->model, ModelFile::required);
  app.add_option("OUT", options->output, "The file to write, whole or not at all")
      ->required()
      ->type_name("OUT.safetensors");
  CLI::Option* files =
      app.add_option("--golden", options->golden, "Golden vectors: rows and their answers, which must be the model's")
          ->type_name("X,Y");
  CLI::Option* seed = app.add_option("--golden-seed", options->golden_seed,
                                     "Golden vectors: rows drawn from a seed, with the model's own answers")
                          ->excludes(files)
                          ->type_name("N");
  app.add_option("--golden-rows", options->golden_rows, "So many of them (default 16)")
      ->check(whole_number(1))
      ->needs(seed)
      ->type_name("ROWS");
  add_tolerance_options(app, options->tolerance);
  app.footer(
      "Golden vectors lie beside the weights as tensors lamina.golden.input and lamina.golden.output. lamina verify\n"
      "OUT checks them on any machine; load(path, {.verify = true}) does so before it hands the model over.");
  return [options] { return convert(*options); };
}

}  // namespace lamina::tools
