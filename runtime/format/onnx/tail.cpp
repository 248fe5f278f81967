// What converters of scikit-learn put behind a classifier -> the probabilities before it.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/tail.hpp"

#include "base/fail.hpp"
#include "format/onnx/attributes.hpp"

#include <optional>
#include <string_view>

namespace lamina::format::onnx {
namespace {

constexpr std::string_view kMlDomain = "ai.onnx.ml";

const Node* producer_of(const Graph& graph, ValueId id) {
  const NodeId producer = id == kNone ? kNone : graph.value(id).producer;
  return producer == kNone ? nullptr : &graph.node(producer);
}

/// Concat(1 - p, p) -> p.
std::optional<ValueId> two_columns(const Graph& graph, Values& values, const Node& concat) {
  if (concat.inputs.size() != 2) return std::nullopt;
  const ValueId p = concat.inputs[1];
  const Node* complement = graph.producer(concat.inputs[0], "Sub");
  if (complement == nullptr || complement->input(1) != p || values.scalar(complement->input(0)) != 1.0)
    return std::nullopt;
  return p;
}

bool casts_to_integer_or_text(const Node& node) {
  const std::int64_t to = Attributes(node).integer("to", 0);
  return to == static_cast<std::int64_t>(DataType::string) ||
         (to > 0 && to < 256 && is_integer(static_cast<DataType>(to)));
}

/// The input of a node that only picks or counts labels: ArgMax and what follows it.
std::optional<ValueId> before_label(const Graph& graph, const Values& values, const Node& node, bool is_label) {
  const std::string_view op = node.op();
  if (node.proto->domain == kMlDomain) {
    if (op == "ArrayFeatureExtractor" && values.is_constant(node.input(0))) return node.input(1);
    return std::nullopt;
  }
  if (!is_default_domain(node.proto->domain)) return std::nullopt;
  if (op == "ArgMax") return node.input(0);
  if (op == "Cast" && casts_to_integer_or_text(node)) return node.input(0);
  // Behind integers a shape says nothing about the probabilities; before them it is the network's own.
  const Node* before = producer_of(graph, node.input(0));
  const bool after_label = is_label && before != nullptr && before->op() != "MatMul" && before->op() != "Gemm";
  if ((op == "Reshape" || op == "Squeeze" || op == "Cast") && after_label) return node.input(0);
  return std::nullopt;
}

/// True where the value's elements are labels: an ArgMax lies before it with nothing but look-ups between.
bool leads_to_argmax(const Graph& graph, const Values& values, ValueId id) {
  for (const Node* node = producer_of(graph, id); node != nullptr; node = producer_of(graph, id)) {
    if (node->op() == "ArgMax") return true;
    const std::optional<ValueId> before = before_label(graph, values, *node, true);
    if (!before || values.is_constant(*before)) return false;
    id = *before;
  }
  return false;
}

}  // namespace

ValueId before_tail(const Graph& graph, Values& values, ValueId output, std::vector<std::string>& notes) {
  ValueId at = output;
  const bool is_label = leads_to_argmax(graph, values, at);
  bool passed_tail = is_label;
  if (is_label) {
    for (const Node* node = producer_of(graph, at);; node = producer_of(graph, at)) {
      at = *before_label(graph, values, *node, true);
      if (node->op() == "ArgMax") break;
    }
  } else if (const Node* node = producer_of(graph, at);
             node != nullptr && node->op() == "ZipMap" && node->proto->domain == kMlDomain) {
    at = node->input(0);
    passed_tail = true;
  }
  if (passed_tail) {
    notes.push_back("output " + base::quoted(graph.value(output).name) +
                    " is a label or a map of labels: lamina gives the probabilities that it is made of");
  }
  if (const Node* concat = graph.producer(at, "Concat")) {
    if (const std::optional<ValueId> p = two_columns(graph, values, *concat)) {
      notes.push_back(
          "the columns 1 - p and p of a classifier with two classes are given as p, that of the second class");
      at = *p;
    }
  }
  if (at == kNone) {
    base::fail(Errc::malformed, "output " + base::quoted(graph.value(output).name),
               "is made of an input that is missing");
  }
  return at;
}

}  // namespace lamina::format::onnx
