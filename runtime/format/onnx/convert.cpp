// A chain of ONNX nodes -> the network.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/convert.hpp"

#include "base/fail.hpp"
#include "format/onnx/operators.hpp"

#include <optional>

namespace lamina::format::onnx {
namespace {

using base::fail;

/// lamina's rows are float32. Integers are let in where the graph itself turns them into floats first.
void check_input(const Graph& graph, const Chain& chain, std::vector<std::string>& notes) {
  const ValueInfo& info = graph.input_info(chain.input);
  const std::string place = "input " + base::quoted(info.name);
  if (info.kind != "tensor") fail(Errc::unsupported_feature, place, "kind", "tensor", info.kind);
  const std::string_view first = chain.links.empty() ? "" : graph.node(chain.links.front().node).op();
  const bool casts = first == "Cast" || first == "Scaler";
  if (is_integer(info.type) && casts && info.type != DataType::boolean) {
    notes.push_back(place + " is " + type_name(info.type) + ": lamina takes the same numbers as float32");
    return;
  }
  if (!is_float(info.type)) fail(Errc::dtype, place, "element type", "a float type", type_name(info.type));
  if (info.type != DataType::float32) {
    notes.push_back("the model computes in " + type_name(info.type) + ", lamina in float32");
  }
}

/// One tensor may serve many nodes.
void check_weights(const Builder& builder, const Limits& limits) {
  if (builder.parameters() <= limits.weight_bytes / sizeof(float)) return;
  fail(Errc::limit_exceeded, "weights", "size in float32", "at most " + std::to_string(limits.weight_bytes) + " bytes",
       "more");
}

void convert(const Graph& graph, const Link& link, Values& values, Builder& builder) {
  if (link.pattern) {
    require_known(link.pattern->match, graph);
    PatternConversion conversion{link.pattern->match, graph, values, builder};
    return link.pattern->row->convert(conversion);
  }
  const Node& node = graph.node(link.node);
  if (node.inputs.size() > most_inputs(node.op())) {
    fail(Errc::malformed, "inputs", "number", "at most " + std::to_string(most_inputs(node.op())),
         std::to_string(node.inputs.size()));
  }
  Conversion conversion{node, link.dynamic, values, builder, Attributes(node)};
  find_operator (*node.proto)(conversion);
  conversion.attributes.refuse_rest();
}

}  // namespace

model::Network convert_chain(const Graph& graph, const Chain& chain, Values& values, const Limits& limits,
                             std::vector<std::string>& notes) {
  check_input(graph, chain, notes);
  Builder builder(graph.input_info(chain.input).shape);
  std::vector<std::string> problems;
  Errc code = Errc::internal;
  for (const Link& link : chain.links) {
    try {
      convert(graph, link, values, builder);
      check_weights(builder, limits);
    } catch (const Error& error) {
      if (!problems.empty() && error.code() == Errc::shape_mismatch) continue;
      if (problems.empty()) code = error.code();
      problems.push_back(graph.place(link.node) + ": " + error.what());
    }
  }
  throw_problems(code, std::move(problems));
  model::Network network = builder.finish();
  network.inputs = {std::string(graph.value(chain.input).name)};
  return network;
}

}  // namespace lamina::format::onnx
