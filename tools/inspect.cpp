// lamina inspect: a model -> its table of layers, and the steps that run it on this machine.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "help.hpp"
#include "inspect_json.hpp"
#include "model_options.hpp"
#include "output_options.hpp"
#include "table.hpp"

#include <memory>

namespace lamina::tools {
namespace {

struct InspectOptions {
  ModelOptions model;
  std::string format = "text";
  bool plan = false;
  bool verbose = false;
  int threads = 0;
};

/// Rows that the first layers ask for and a later one does not take: other rows may still pass.
std::string misfit(const Model& model) {
  if (!model.input_shape() || model.output_shape()) return {};
  try {
    (void)model.compile({});
  } catch (const Error& error) {
    return "note: rows of shape " + to_string(*model.input_shape()) + " do not pass: " + error.what() +
           "; another shape is given with --input-shape\n";
  }
  return {};
}

std::string describe(const Model& model, bool verbose) {
  std::string text = summary(model) + "\n";
  if (verbose) text += "\n" + to_string(model) + "\n\nEvery parameter: " + architecture(model) + "\n";
  if (model.golden_vectors()) {
    text +=
        "golden vectors: " + std::to_string(model.golden_vectors()->input.shape()[0]) + " rows (see lamina verify)\n";
  }
  for (const std::string& note : model.notes()) text += "note: " + note + "\n";
  return text + misfit(model);
}

std::string scratch_text(const Plan& plan) {
  if (plan.batch_coupled()) {
    return "all rows at once, " + with_commas(plan.workspace_bytes(1)) + " scratch bytes for one";
  }
  return std::to_string(plan.row_block()) + " rows, " + with_commas(plan.workspace_bytes()) + " scratch bytes";
}

std::string describe(const Plan& plan) {
  std::vector<std::vector<std::string>> rows = {{"Step", "Layers", "Operation", "Kernel", "In place", "Weight bytes"}};
  for (const StepInfo& step : plan.steps()) {
    rows.push_back({std::to_string(rows.size()), step.layers, step.operation, step.kernel, step.in_place ? "yes" : "no",
                    with_commas(step.weight_bytes)});
  }
  return format_table(rows, {0, 5}) + "\n" +
         format_table({{"Instruction set", std::string(to_string(plan.isa()))},
                       {"Threads", "at most " + std::to_string(plan.threads())},
                       {"Row block", scratch_text(plan)},
                       {"Packed weights", with_commas(plan.weight_bytes()) + " bytes"}});
}

/// What the file holds is worth seeing also where it makes no network: tensors without an architecture, say.
[[noreturn]] void show_problems(const Error& error, const InspectOptions& options) {
  if (options.format == "json") {
    print_json(to_json(error));
  } else {
    std::string text;
    const std::string place = options.model.path + ": ";  // said once, by the error
    for (const std::string& problem : error.problems()) {
      text += (problem.rfind(place, 0) == 0 ? problem.substr(place.size()) : problem) + "\n";
    }
    if (error.problems().size() > 1) print(text);
  }
  throw Error(error.code(), error.what(), {}, error.excerpt());  // the rest has been said
}

ExitStatus inspect(const InspectOptions& options) {
  Model model;
  try {
    model = load_model(options.model);
  } catch (const Error& error) {
    show_problems(error, options);
  }
  std::optional<Plan> plan;
  if (options.plan) plan = model.compile(compile_options(options.threads));
  if (options.format == "json") {
    nlohmann::ordered_json document = to_json(model);
    if (plan) document["plan"] = to_json(*plan);
    print_json(document);
  } else {
    print(describe(model, options.verbose) + (plan ? "\n" + describe(*plan) : ""));
  }
  return kDone;
}

}  // namespace

Action add_inspect(CLI::App& app) {
  const auto options = std::make_shared<InspectOptions>();
  add_model_options(app, options->model, ModelFile::optional);
  app.add_flag("--plan", options->plan, "Steps, fusion, kernels and scratch bytes on this machine");
  app.add_flag("-v,--verbose", options->verbose, "Also as PyTorch prints it, and with every default that was assumed");
  app.add_option("--threads", options->threads, "For --plan; 0, the default: all effective CPUs")
      ->check(whole_number(0))
      ->type_name("T");
  add_format_option(app, options->format, {"text", "json"});
  app.footer(kInspectKeys);
  return [options] { return inspect(*options); };
}

}  // namespace lamina::tools
