// Nodes that a pattern lets have attributes -> an Error for one that has others than the patterns look at.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/pattern.hpp"

#include <algorithm>
#include <array>

namespace lamina::format::onnx {
namespace {

using base::fail;

struct Known {
  std::string_view op;
  std::size_t inputs;
  std::array<std::string_view, 3> attributes = {};
};

/// A row for each operator that is marked with ! in a pattern.
constexpr std::array kKnown = {
    Known{"Clip", 3, {"min", "max"}},
    Known{"Expand", 2},
    Known{"HardSigmoid", 1, {"alpha", "beta"}},
    Known{"ReduceL2", 2, {"axes", "keepdims", "noop_with_empty_axes"}},
    Known{"ReduceMax", 2, {"axes", "keepdims", "noop_with_empty_axes"}},
    Known{"ReduceMean", 2, {"axes", "keepdims", "noop_with_empty_axes"}},
    Known{"ReduceSum", 2, {"axes", "keepdims", "noop_with_empty_axes"}},
    Known{"Softmax", 1, {"axis"}},
    Known{"Split", 2, {"axis", "split", "num_outputs"}},
};

void require_known(const Node& node) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& row) { return row.op == node.op(); });
  if (known == kKnown.end()) fail(Errc::internal, "no pattern may mark this operator");
  for (const Attribute& attribute : node.proto->attributes) {
    const auto& names = known->attributes;
    if (!attribute.name.empty() && std::find(names.begin(), names.end(), attribute.name) != names.end()) continue;
    fail(Errc::unsupported_feature, "attribute " + base::quoted(attribute.name), "is not known for this operator");
  }
  if (node.inputs.size() > known->inputs) {
    fail(Errc::malformed, "inputs", "number", "at most " + std::to_string(known->inputs),
         std::to_string(node.inputs.size()));
  }
}

}  // namespace

void require_known(const Match& match, const Graph& graph) {
  for (const NodeId id : match.nodes) {
    try {
      require_known(graph.node(id));
    } catch (const Error& error) {
      throw base::with_prefix(error, graph.place(id));
    }
  }
}

}  // namespace lamina::format::onnx
