// The graph's values: which of them are constants, and what those hold.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/values.hpp"

#include "base/fail.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>

namespace lamina::format::onnx {
namespace {

constexpr std::size_t kSmall = 64;  // shapes and scalars; weights are not kept

}  // namespace

Values::Values(const Graph& graph, TensorReader& reader)
    : graph_(graph), reader_(reader), constant_(graph.value_count()) {
  for (ValueId id = 0; id < graph.value_count(); ++id) constant_[id] = graph.value(id).initializer != nullptr;
  for (const Node& node : graph.nodes()) {
    if (!is_default_domain(node.proto->domain) || find_fold(node.op()) == nullptr || node.outputs.empty()) continue;
    // CastLike takes only the type of its second input, which has no integers where it is no constant.
    const std::size_t needed =
        node.op() == "CastLike" ? std::min<std::size_t>(1, node.inputs.size()) : node.inputs.size();
    const bool all = std::all_of(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(needed),
                                 [&](ValueId input) { return input == kNone || is_constant(input); });
    if (all && node.outputs[0] != kNone) constant_[node.outputs[0]] = true;
  }
}

Constant Values::constant(ValueId id) {
  if (const auto found = small_.find(id); found != small_.end()) return found->second;
  if (graph_.value(id).initializer != nullptr) return reader_.read(*graph_.value(id).initializer);
  std::map<ValueId, Constant> computed;
  // Depth first with a stack of its own: a node is computed once its inputs are.
  for (std::vector<ValueId> stack = {id}; !stack.empty();) {
    const ValueId top = stack.back();
    std::size_t missing = 0;
    if (const NodeId producer = graph_.value(top).producer; producer != kNone) {
      for (const ValueId input : graph_.node(producer).inputs) {
        if (!is_constant(input) || computed.contains(input) || small_.contains(input)) continue;
        stack.push_back(input);
        ++missing;
      }
    }
    if (missing != 0) continue;
    stack.pop_back();
    if (!computed.contains(top) && !small_.contains(top)) compute(top, computed);
  }
  const auto found = computed.find(id);
  return found == computed.end() ? small_.at(id) : std::move(found->second);
}

void Values::compute(ValueId id, std::map<ValueId, Constant>& computed) {
  const Value& value = graph_.value(id);
  Constant result;
  if (value.initializer != nullptr) {
    result = reader_.read(*value.initializer);
  } else {
    const Node& node = graph_.node(value.producer);
    std::vector<const Constant*> inputs;
    for (const ValueId input : node.inputs) {
      const auto small = small_.find(input), large = computed.find(input);
      inputs.push_back(small != small_.end() ? &small->second : large != computed.end() ? &large->second : nullptr);
    }
    try {
      Foldable foldable{node, inputs, Attributes(node), reader_};
      result = find_fold(node.op())(foldable);
      foldable.attributes.refuse_rest();
    } catch (const Error& error) {
      throw base::with_prefix(error, graph_.place(value.producer));
    }
  }
  (result.size() <= kSmall ? small_ : computed).emplace(id, std::move(result));
}

std::optional<double> Values::scalar(ValueId id) {
  if (!is_constant(id)) return std::nullopt;
  const TensorProto* tensor = graph_.value(id).initializer;
  if (tensor != nullptr && element_count(tensor->dims) != 1)
    return std::nullopt;  // large weights are not read for this
  return constant(id).scalar();
}

}  // namespace lamina::format::onnx
