// The graph -> the nodes between the network's input and one value, in order.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/chain.hpp"

#include "base/fail.hpp"
#include "format/onnx/operators.hpp"
#include "format/onnx/unknown_operator.hpp"

#include <algorithm>
#include <utility>

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

/// The way from the output back to the input, and what is wrong with it.
class ChainFinder {
 public:
  ChainFinder(const Graph& graph, Values& values) : graph_(graph), values_(values) {}

  Chain find(ValueId output) {
    chain_.input = output;
    while (graph_.value(chain_.input).producer != kNone && step(graph_.value(chain_.input).producer)) continue;
    if (problems_.empty() && graph_.value(chain_.input).initializer != nullptr) {
      problems_.push_back("output: is the constant " + base::quoted(graph_.value(chain_.input).name));
    }
    std::reverse(problems_.begin(), problems_.end());
    throw_problems(code_, std::move(problems_));
    std::reverse(chain_.links.begin(), chain_.links.end());
    return std::move(chain_);
  }

 private:
  /// Over the node to the value before it; false where there is none.
  bool step(NodeId id) {
    if (std::optional<Patterns::Found> found = find_pattern(id)) {
      chain_.input = found->match.x;
      chain_.links.push_back({id, 0, std::move(found)});
      return true;
    }
    const Node& node = graph_.node(id);
    const std::vector<std::size_t> dynamic = dynamic_inputs(node, values_);
    check(id, dynamic.size());
    if (dynamic.empty()) {
      problems_.push_back(graph_.place(id) + ": does not depend on the network's input");
      return false;
    }
    chain_.links.push_back({id, dynamic[0]});
    chain_.input = node.inputs[dynamic[0]];
    return true;
  }

  std::optional<Patterns::Found> find_pattern(NodeId id) {
    try {
      return patterns_.find(graph_, values_, chain_.input);
    } catch (const Error& error) {  // an attribute or a constant that cannot be read
      problem(error.code(), id, error.what());
      return std::nullopt;
    }
  }

  void check(NodeId id, std::size_t dynamic) {
    const Node& node = graph_.node(id);
    if (find_operator(*node.proto) == nullptr) {
      problem(Errc::unsupported_layer, id, describe_unknown(*node.proto));
    } else if (const std::uint32_t output = graph_.value(chain_.input).output; output != 0) {
      problem(Errc::unsupported_feature, id, "its output " + std::to_string(output) + " is used");
    } else if (dynamic > 1) {
      problem(Errc::unsupported_feature, id,
              "joins branches: " + std::to_string(dynamic) +
                  " of its inputs depend on the network's input, and lamina runs chains of layers");
    }
  }

  void problem(Errc code, NodeId id, const std::string& text) {
    code_ = code;  // of the one that is nearest to the input, which is told first
    problems_.push_back(graph_.place(id) + ": " + text);
  }

  const Graph& graph_;
  Values& values_;
  const Patterns patterns_;
  Chain chain_;
  std::vector<std::string> problems_;
  Errc code_ = Errc::unsupported_feature;
};

}  // namespace

Chain find_chain(const Graph& graph, Values& values, ValueId output) { return ChainFinder(graph, values).find(output); }

}  // namespace lamina::format::onnx
