// The graph's outputs -> the one value that the network computes.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/output.hpp"

#include "base/fail.hpp"
#include "format/onnx/tail.hpp"

#include <algorithm>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::size_t kMostOutputs = 100;  // each is followed back through the graph

std::string list_names(const std::vector<Output>& outputs) {
  std::string names;
  for (const Output& output : outputs) names += (names.empty() ? "" : ", ") + base::quoted(output.name);
  return names;
}

/// Its name through any number of Identity nodes; empty where it is computed.
std::string_view repeated_input(const Graph& graph, ValueId id) {
  while (const Node* identity = graph.producer(id, "Identity")) id = identity->input(0);
  const bool is_input = id != kNone && graph.value(id).producer == kNone && graph.value(id).initializer == nullptr;
  return is_input ? graph.value(id).name : std::string_view();
}

std::vector<Output> all_outputs(const ModelProto& model, const Graph& graph) {
  std::vector<Output> outputs;
  for (const ValueInfo& info : model.graph.outputs) {
    const ValueId id = graph.find(info.name);
    if (id == kNone) fail(Errc::malformed, "output " + base::quoted(info.name), "is made by no node");
    outputs.push_back({info.name, id, {}});
  }
  if (outputs.empty()) fail(Errc::malformed, "graph", "has no output");
  return outputs;
}

Output named(std::vector<Output>& outputs, const std::string& wanted) {
  const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const Output& o) { return o.name == wanted; });
  if (found == outputs.end()) {
    fail(Errc::invalid_argument, "output name", "is none of the file's", list_names(outputs), base::quoted(wanted));
  }
  return std::move(*found);
}

}  // namespace

Output choose_output(const ModelProto& model, const Graph& graph, Values& values, const std::string& wanted) {
  std::vector<Output> outputs = all_outputs(model, graph);
  if (!wanted.empty()) outputs = {named(outputs, wanted)};
  if (outputs.size() > kMostOutputs) {
    fail(Errc::limit_exceeded, "graph",
         "has " + std::to_string(outputs.size()) +
             " outputs, and lamina computes one: choose it by its name (--output-name)");
  }
  std::vector<std::string> notes;
  std::vector<Output> computed;
  for (Output& output : outputs) {
    const std::string_view input = outputs.size() == 1 ? std::string_view() : repeated_input(graph, output.value);
    if (input.empty()) {
      output.value = before_tail(graph, values, output.value, output.notes);
      computed.push_back(std::move(output));
    } else {
      notes.push_back("output " + base::quoted(output.name) + " was left aside: it repeats the input " +
                      base::quoted(input));
    }
  }
  const bool agree = !computed.empty() && std::all_of(computed.begin(), computed.end(), [&](const Output& output) {
    return output.value == computed.front().value;
  });
  if (!agree) {
    fail(
        Errc::unsupported_feature, "graph",
        "has several outputs, and lamina computes one: choose it by its name (--output-name): " + list_names(computed));
  }
  for (const Output& output : computed) notes.insert(notes.end(), output.notes.begin(), output.notes.end());
  std::sort(notes.begin(), notes.end());
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
  Output chosen = std::move(computed.back());  // of label and probabilities, the latter
  chosen.notes = std::move(notes);
  return chosen;
}

}  // namespace lamina::format::onnx
