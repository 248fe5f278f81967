// The graph's values: which of them are constants, and what those hold.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/values.hpp"

#include "base/fail.hpp"
#include "format/onnx/dims.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>

namespace lamina::format::onnx {
namespace {

constexpr std::size_t kSmall = 64;  // shapes and scalars; weights are not kept

bool compares(const Graph& graph, ValueId value) {
  return graph.producer(value, "Greater") != nullptr || graph.producer(value, "Less") != nullptr;
}

/// Identity, a cast between float types, or of a comparison to bool, which it is already.
bool copies(const Graph& graph, const Node& node) {
  if (node.op() == "Identity" || node.op() == "CastLike") return true;
  if (node.op() != "Cast") return false;
  for (const Attribute& attribute : node.proto->attributes) {
    const auto* to = std::get_if<std::int64_t>(&attribute.value);
    if (attribute.name != "to" || to == nullptr || *to < 0 || *to > 255) continue;
    const auto type = static_cast<DataType>(*to);
    return is_float(type) || (type == DataType::boolean && compares(graph, node.input(0)));
  }
  return false;
}

}  // namespace

Values::Values(const Graph& graph, TensorReader& reader)
    : graph_(graph),
      reader_(reader),
      constant_(graph.value_count()),
      dims_(graph.value_count()),
      origin_(graph.value_count()) {
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    constant_[id] = graph.value(id).initializer != nullptr;
    origin_[id] = id;
  }
  for (const ValueId input : graph.inputs()) {
    dims_[input] = graph.input_info(input).shape;
    // A vector has no batch: see RowView.
    if (dims_[input] && dims_[input]->size() > 1) dims_[input]->front() = kBatchSize;
  }
  for (NodeId id = 0; id < graph.nodes().size(); ++id) infer(id);
}

/// Is the node's output a constant, and if not, which dimensions does it have?
void Values::infer(NodeId id) {
  const Node& node = graph_.node(id);
  if (node.outputs.empty() || node.outputs[0] == kNone || !is_default_domain(node.proto->domain)) return;
  // CastLike takes only the type of its second input.
  const std::size_t needed =
      node.op() == "CastLike" ? std::min<std::size_t>(1, node.inputs.size()) : node.inputs.size();
  const bool all = std::all_of(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(needed),
                               [&](ValueId input) { return input == kNone || is_constant(input); });
  if (all && find_fold(node.op()) != nullptr) {
    constant_[node.outputs[0]] = true;
  } else if (copies(graph_, node) && node.input(0) != kNone) {
    origin_[node.outputs[0]] = origin_[node.input(0)];
  }
  if (!all && (node.op() == "Shape" || node.op() == "Size")) {
    if (const std::optional<Shape> shape = dims(node.input(0))) take_shape(node, *shape);
    return;
  }
  const InputFacts facts{[this](ValueId input) { return dims(input); },
                         [this](ValueId input) -> std::optional<std::vector<std::int64_t>> {
                           if (!is_constant(input)) return std::nullopt;
                           Constant list = constant(input);
                           if (list.is_float()) return std::nullopt;
                           return std::move(list.integers);
                         }};
  std::optional<Shape> dims = infer_dims(node, facts);
  if (dims && dims->size() <= kMostDimensions) dims_[node.outputs[0]] = std::move(dims);
}

/// Shape and Size of a value that is no constant: its sizes are, where the file gives them.
void Values::take_shape(const Node& node, const Shape& dims) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  Constant result{.type = DataType::int64, .dims = {}, .integers = {}};
  if (node.op() == "Size") {
    if (std::any_of(dims.begin(), dims.end(), [](std::int64_t size) { return size < 0; })) return;
    result.integers = {static_cast<std::int64_t>(element_count(dims))};
  } else {
    Attributes attributes(node);
    const auto clamp = [&](std::int64_t at) { return std::clamp(at < 0 ? at + rank : at, std::int64_t{0}, rank); };
    const std::int64_t begin = clamp(attributes.integer("start", 0)), end = clamp(attributes.integer("end", rank));
    for (std::int64_t i = begin; i < end; ++i) result.integers.push_back(dims[static_cast<std::size_t>(i)]);
    if (std::count(result.integers.begin(), result.integers.end(), -1) != 0) return;
    result.dims = {static_cast<std::int64_t>(result.integers.size())};
  }
  constant_[node.outputs[0]] = true;
  small_.emplace(node.outputs[0], std::move(result));
}

std::optional<Shape> Values::dims(ValueId id) {
  if (id == kNone) return std::nullopt;
  if (const TensorProto* tensor = graph_.value(id).initializer) return tensor->dims;
  if (!is_constant(id) || dims_[id]) return dims_[id];
  try {
    return constant(id).dims;
  } catch (const Error&) {
    return std::nullopt;  // said where the constant is used
  }
}

Constant Values::constant(ValueId id) {
  if (!is_constant(id)) {
    const std::string name = id == kNone ? std::string() : std::string(graph_.value(id).name);
    base::fail(Errc::unsupported_feature, "value " + base::quoted(name),
               "depends on the network's input, expected a constant");
  }
  if (const auto found = small_.find(id); found != small_.end()) return found->second;
  if (const auto found = failed_.find(id); found != failed_.end()) throw found->second;
  try {
    return evaluate(id);
  } catch (const Error& error) {
    failed_.emplace(id, error);
    throw;
  }
}

Constant Values::evaluate(ValueId id) {
  if (const TensorProto* tensor = graph_.value(id).initializer) {
    Constant constant = reader_.read(*tensor);
    if (constant.size() <= kSmall) small_.emplace(id, constant);
    return constant;
  }
  std::map<ValueId, Constant> computed;
  // Depth first with a stack of its own: a node is computed once its inputs are.
  for (std::vector<ValueId> stack = {id}; !stack.empty();) {
    const ValueId top = stack.back();
    if (computed.contains(top) || small_.contains(top)) {  // many may have asked for it
      stack.pop_back();
      continue;
    }
    if (const auto found = failed_.find(top); found != failed_.end()) throw found->second;
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
    compute(top, computed);
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
      if (result.dims.size() > kMostDimensions) base::fail(Errc::limit_exceeded, "more than 8 dimensions");
      // What only copies is paid for too: each node behind it may compute it again. Floats are shared.
      reader_.count(kSmall + result.integers.size());
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
