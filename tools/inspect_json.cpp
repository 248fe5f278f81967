// Model and Plan -> the JSON that `inspect --format json` prints.
// SPDX-License-Identifier: Apache-2.0
#include "inspect_json.hpp"

namespace lamina::tools {
namespace {

nlohmann::ordered_json to_json(const std::optional<Shape>& shape) {
  return shape ? nlohmann::ordered_json(*shape) : nlohmann::ordered_json();
}

}  // namespace

nlohmann::ordered_json to_json(const Model& model) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerInfo& layer : model.layers()) {
    layers.push_back({{"name", layer.name},
                      {"type", layer.type},
                      {"description", layer.description},
                      {"output_shape", to_json(layer.output)},
                      {"parameters", layer.parameters}});
  }
  const std::optional<GoldenVectors>& golden = model.golden_vectors();
  return {{"input_shape", to_json(model.input_shape())},
          {"output_shape", to_json(model.output_shape())},
          {"parameters", model.parameter_count()},
          {"layers", layers},
          {"architecture", to_string(model)},
          {"every_parameter", architecture(model)},
          {"golden_rows", golden ? nlohmann::ordered_json(golden->input.shape()[0]) : nlohmann::ordered_json()},
          {"notes", model.notes()}};
}

nlohmann::ordered_json to_json(const Plan& plan) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const StepInfo& step : plan.steps()) {
    steps.push_back({{"layers", step.layers},
                     {"operation", step.operation},
                     {"kernel", step.kernel},
                     {"in_place", step.in_place},
                     {"skips_zeros", step.skips_zeros},
                     {"flops_per_row", step.flops_per_row},
                     {"weight_bytes", step.weight_bytes}});
  }
  nlohmann::ordered_json document = {{"instruction_set", to_string(plan.isa())},
                                     {"threads", plan.threads()},
                                     {"batch_coupled", plan.batch_coupled()},
                                     {"row_block", nullptr},
                                     {"scratch_bytes", nullptr},
                                     {"weight_bytes", plan.weight_bytes()},
                                     {"steps", steps}};
  if (plan.batch_coupled()) return document;  // both grow with the rows
  document["row_block"] = plan.row_block();
  document["scratch_bytes"] = plan.workspace_bytes();
  return document;
}

nlohmann::ordered_json to_json(const Error& error) {
  return {{"error", {{"code", to_string(error.code())}, {"message", error.what()}, {"problems", error.problems()}}}};
}

}  // namespace lamina::tools
