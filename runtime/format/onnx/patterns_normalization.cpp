// Layers over an axis, as reductions.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/attributes.hpp"
#include "format/onnx/pattern.hpp"

#include <algorithm>
#include <array>

namespace lamina::format::onnx {
namespace {

using base::fail;

/// The axes of a reduction: an attribute until opset 12 or 17, then an input. Empty where it reduces everything.
std::vector<std::int64_t> axes_of(const Node& node, Values& values) {
  Attributes attributes(node);
  if (node.input(1) != kNone) return values.constant(node.input(1)).integers;
  return attributes.integers("axes");
}

/// All of them over the same axes, which are kept with size 1, as the arithmetic between them needs.
bool reduce_alike(const Match& match, const Graph& graph, Values& values) {
  const std::vector<std::int64_t> axes = axes_of(graph.node(match.nodes[0]), values);
  return !axes.empty() && std::all_of(match.nodes.begin(), match.nodes.end(), [&](NodeId id) {
    const Node& node = graph.node(id);
    Attributes attributes(node);
    const bool plain = attributes.integer("keepdims", 1) == 1 && attributes.integer("noop_with_empty_axes", 0) == 0;
    return plain && axes_of(node, values) == axes;
  });
}

/// Of dimensions with known sizes, the last ones of the row. Throws Error{unsupported_feature}.
Shape trailing_sizes(const PatternConversion& c, std::vector<std::int64_t> axes) {
  const RowView& view = c.builder.view();
  view.require_rank();
  const auto rank = static_cast<std::int64_t>(view.rank());
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  std::sort(axes.begin(), axes.end());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[axes.size() - 1 - i] != rank - 1 - static_cast<std::int64_t>(i)) {
      fail(Errc::unsupported_feature, "normalises over dimensions that are not the last ones");
    }
  }
  return view.known_from(axes.front());
}

/// As large as what is normalised: a single number or a part of it is repeated.
Tensor spread(const PatternConversion& c, char name, const Shape& shape) {
  const Constant constant = c.values.constant(c.match.constant(name));
  const Tensor part = c.builder.broadcast_over_row(constant);
  Shape tail = part.shape();
  while (!tail.empty() && tail.front() == 1) tail.erase(tail.begin());
  if (tail.size() > shape.size() || !std::equal(tail.rbegin(), tail.rend(), shape.rbegin())) {
    fail(Errc::unsupported_feature, "scales by a constant of shape " + to_string(constant.dims) +
                                        ", which is not that of what is normalised, " + to_string(shape));
  }
  Tensor result(shape);
  const std::span<float> values = result.mutable_values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = part.data()[i % part.size()];
  return result;
}

void layer_norm(PatternConversion& c) {
  const Node& mean = c.graph.node(c.match.nodes[0]);
  model::LayerNorm norm{.normalized_shape = trailing_sizes(c, axes_of(mean, c.values))};
  norm.eps = shortest(static_cast<float>(c.match.number('e')));
  norm.has_weight = c.match.constant('W') != kNone;
  norm.has_bias = c.match.constant('B') != kNone;
  if (norm.has_weight) norm.weight = spread(c, 'W', norm.normalized_shape);
  if (norm.has_bias) norm.bias = spread(c, 'B', norm.normalized_shape);
  c.builder.add(std::move(norm));
}

template <model::SoftmaxKind kKind>
void softmax(PatternConversion& c) {
  const std::vector<std::int64_t> axes = axes_of(c.graph.node(c.match.nodes[0]), c.values);
  if (axes.size() != 1) fail(Errc::unsupported_feature, "a softmax over several dimensions");
  const std::optional<std::size_t> index = c.builder.view().row_index(axes[0]);
  if (!index && c.builder.view().joined != 0) fail(Errc::unsupported_feature, "a softmax over rows");
  c.builder.add(model::Softmax{.kind = kKind, .dims = {index ? static_cast<std::int64_t>(*index) + 1 : 0}});
}

/// Log(Softmax(x)), where the operator works along one dimension.
void log_of_softmax(PatternConversion& c) {
  const Node& node = c.graph.node(c.match.nodes[0]);
  const bool old = node.opset < 13;
  Attributes attributes(node);
  const std::size_t index = c.builder.view().feature_index(attributes.integer("axis", old ? 1 : -1));
  if (old && index + 1 != c.builder.view().row.size())
    fail(Errc::unsupported_feature, "a softmax over several dimensions");
  c.builder.add(
      model::Softmax{.kind = model::SoftmaxKind::log_softmax, .dims = {static_cast<std::int64_t>(index) + 1}});
}

void unit_norm(PatternConversion& c) { c.builder.add(model::UnitNorm{}); }

/// x / max(|x|, 1e-12) over the last dimension, in whose first marked node Expand may repeat |x|.
bool is_unit_norm(const Match& match, const Graph& graph, Values& values) {
  for (const NodeId id : match.nodes) {
    const Node& node = graph.node(id);
    Attributes attributes(node);
    if (node.op() == "ReduceL2") {
      if (axes_of(node, values) != std::vector<std::int64_t>{-1} || attributes.integer("keepdims", 1) != 1)
        return false;
    } else if (node.op() == "Clip") {
      const bool has_input = node.input(1) != kNone;
      const double low = has_input ? values.scalar(node.input(1)).value_or(0) : attributes.number("min", 0);
      if (static_cast<float>(low) != 1e-12f || node.input(2) != kNone || attributes.has("max")) return false;
    } else {
      const Node* shape = graph.producer(node.input(1), "Shape");
      if (shape == nullptr || shape->input(0) != match.x || !shape->proto->attributes.empty()) return false;
    }
  }
  return true;
}

constexpr std::array kRows = {
    PatternRow{"Add(Mul($normal, W), B)", layer_norm, reduce_alike},
    PatternRow{"Mul($normal, W)", layer_norm, reduce_alike},
    PatternRow{"$normal", layer_norm, reduce_alike},
    PatternRow{"Div($exponentials, ReduceSum!($exponentials))", softmax<model::SoftmaxKind::softmax>, reduce_alike},
    PatternRow{"Sub(Sub(x, ReduceMax!(x)), Log(ReduceSum!($exponentials)))", softmax<model::SoftmaxKind::log_softmax>,
               reduce_alike},
    PatternRow{"Log(Softmax!(x))", log_of_softmax},
    PatternRow{"Div(x, Expand!(Clip!(ReduceL2!(x))) | Clip!(ReduceL2!(x)) | Max(ReduceL2!(x), 1e-12))", unit_norm,
               is_unit_norm},
};

}  // namespace

std::span<const PatternRow> normalization_patterns() noexcept { return kRows; }

}  // namespace lamina::format::onnx
