// The graph -> the nodes between the network's input and one value, in order.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/chain.hpp"

#include "base/fail.hpp"
#include "format/onnx/operators.hpp"

#include <algorithm>

namespace lamina::format::onnx {
namespace {

/// Indices of the inputs that depend on the network's input.
std::vector<std::size_t> dynamic_inputs(const Node& node, const Values& values) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNone && !values.is_constant(node.inputs[i])) indices.push_back(i);
  }
  return indices;
}

}  // namespace

Chain find_chain(const Graph& graph, Values& values, ValueId output) {
  Chain chain;
  const Patterns patterns;
  std::vector<std::string> problems;
  Errc code = Errc::unsupported_feature;
  ValueId at = output;
  while (graph.value(at).producer != kNone) {
    const NodeId id = graph.value(at).producer;
    const Node& node = graph.node(id);
    if (auto found = patterns.find(graph, values, at)) {
      at = found->match.x;
      chain.links.push_back({id, 0, std::move(found)});
      continue;
    }
    const std::vector<std::size_t> dynamic = dynamic_inputs(node, values);
    if (!is_default_domain(node.proto->domain) || find_operator(node.op()) == nullptr) {
      if (problems.empty()) code = Errc::unsupported_layer;
      problems.push_back(graph.place(id) + ": lamina does not know this operator");
    } else if (graph.value(at).output != 0) {
      problems.push_back(graph.place(id) + ": its output " + std::to_string(graph.value(at).output) + " is used");
    } else if (dynamic.size() > 1) {
      problems.push_back(graph.place(id) + ": joins branches: " + std::to_string(dynamic.size()) +
                         " of its inputs depend on the network's input, and lamina runs chains of layers");
    }
    if (dynamic.empty()) {
      problems.push_back(graph.place(id) + ": does not depend on the network's input");
      break;
    }
    chain.links.push_back({id, dynamic[0]});
    at = node.inputs[dynamic[0]];
  }
  if (problems.empty() && graph.value(at).initializer != nullptr) {
    problems.push_back("output: is the constant " + base::quoted(graph.value(at).name));
  }
  std::reverse(problems.begin(), problems.end());
  throw_problems(code, std::move(problems));
  std::reverse(chain.links.begin(), chain.links.end());
  chain.input = at;
  return chain;
}

}  // namespace lamina::format::onnx
