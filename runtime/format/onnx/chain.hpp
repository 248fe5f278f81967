// The graph -> the nodes between the network's input and one value, in order: they must form a chain.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/pattern.hpp"
#include "format/onnx/values.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lamina::format::onnx {

/// One node, or several that a pattern takes as one layer.
struct Link {
  NodeId node = kNone;      // the last of them
  std::size_t dynamic = 0;  // index of its input on the chain
  std::optional<Patterns::Found> pattern = {};
};

struct Chain {
  std::vector<Link> links;  // from the input to the output
  ValueId input = kNone;
};

/// Throws Error{unsupported_layer, unsupported_feature} with everything on the way that lamina cannot do.
[[nodiscard]] Chain find_chain(const Graph& graph, Values& values, ValueId output);

}  // namespace lamina::format::onnx
