// Bytes of an ONNX file -> ModelProto.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/parse.hpp"

#include "base/fail.hpp"

#include <array>
#include <string_view>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::uint64_t kMostEntries = 500'000;  // at most about 100 bytes each beside the names
constexpr std::size_t kMostNodes = 100'000;

/// TypeProto's alternatives: 1 tensor, 4 sequence, ...
std::string_view kind_of(std::uint32_t number) noexcept {
  switch (number) {
    case 1:
      return "tensor";
    case 4:
      return "sequence";
    case 5:
      return "map";
    case 8:
      return "sparse tensor";
    case 9:
      return "optional";
    default:
      return {};
  }
}

std::int64_t parse_dimension(Window& window, Extent dimension) {
  std::int64_t size = -1;
  MessageReader reader(window, dimension);
  for (Field field; reader.next(field);) {
    if (field.number == 1) size = integer(field);
    if (field.number == 2) size = -1;  // a name: any size
  }
  return size < 0 ? -1 : size;
}

Shape parse_shape(Window& window, Extent shape) {
  Shape result;
  MessageReader reader(window, shape);
  for (Field field; reader.next(field);) {
    if (field.number != 1) continue;
    if (result.size() == kMostDimensions) fail(Errc::limit_exceeded, "value", "more than 8 dimensions");
    result.push_back(parse_dimension(window, message(field)));
  }
  return result;
}

void parse_tensor_type(Window& window, Extent type, ValueInfo& value) {
  MessageReader reader(window, type);
  for (Field field; reader.next(field);) {
    if (field.number == 1) value.type = data_type(field);
    if (field.number == 2) value.shape = parse_shape(window, message(field));
  }
}

void parse_type(Window& window, Extent type, ValueInfo& value) {
  MessageReader reader(window, type);
  for (Field field; reader.next(field);) {
    if (kind_of(field.number).empty()) continue;
    value.kind = kind_of(field.number);
    if (field.number == 1) parse_tensor_type(window, message(field), value);
  }
}

/// SparseTensorProto: its name is that of its values.
std::string parse_sparse_name(Window& window, Extent sparse, ParseBudget& budget) {
  MessageReader reader(window, sparse);
  for (Field field; reader.next(field);) {
    if (field.number == 1) return parse_tensor(window, message(field), budget).name;
  }
  return {};
}

/// OperatorSetIdProto and FunctionProto: texts in two of their fields.
std::pair<std::string, std::string> parse_names(Window& window, Extent bytes, std::uint32_t first,
                                                std::uint32_t second) {
  std::pair<std::string, std::string> names;
  MessageReader reader(window, bytes);
  for (Field field; reader.next(field);) {
    if (field.number == first) names.first = name(window, field);
    if (field.number == second) names.second = name(window, field);
  }
  return names;
}

std::pair<std::string, std::int64_t> parse_opset(Window& window, Extent bytes) {
  std::pair<std::string, std::int64_t> opset;
  MessageReader reader(window, bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1) opset.first = name(window, field);
    if (field.number == 2) opset.second = integer(field);
  }
  return opset;
}

GraphProto parse_graph(Window& window, Extent bytes, const Limits& limits, ParseBudget& budget) {
  GraphProto graph;
  MessageReader reader(window, bytes);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 1:
        if (graph.nodes.size() == kMostNodes) fail(Errc::limit_exceeded, "graph", "more than 100000 nodes");
        graph.nodes.push_back(parse_node(window, message(field), budget));
        break;
      case 5:
        if (graph.initializers.size() == limits.tensors) {
          fail(Errc::limit_exceeded, "graph", "more than " + std::to_string(limits.tensors) + " initializers");
        }
        graph.initializers.push_back(parse_tensor(window, message(field), budget));
        break;
      case 11:
        graph.inputs.push_back(parse_value_info(window, message(field), budget));
        break;
      case 12:
        graph.outputs.push_back(parse_value_info(window, message(field), budget));
        break;
      case 15:
        graph.sparse_initializers.push_back(parse_sparse_name(window, message(field), budget));
        break;
      default:
        break;
    }
  }
  return graph;
}

}  // namespace

void ParseBudget::count_entry() {
  if (++entries_ > kMostEntries) {
    fail(Errc::limit_exceeded, "graph", "more than " + std::to_string(kMostEntries) + " names, values and attributes");
  }
}

ValueInfo parse_value_info(Window& window, Extent bytes, ParseBudget& budget) {
  budget.count_entry();
  ValueInfo value;
  MessageReader reader(window, bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1) value.name = name(window, field);
    if (field.number == 2) parse_type(window, message(field), value);
  }
  return value;
}

ModelProto parse_model(Window& window, const Limits& limits) {
  ModelProto model;
  ParseBudget budget;
  bool has_graph = false;
  MessageReader reader(window, {0, window.source().size()});
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 1:
        model.ir_version = integer(field);
        break;
      case 2:
        model.producer = name(window, field);
        break;
      case 7:
        if (std::exchange(has_graph, true)) fail(Errc::malformed, "model", "graph", "one", "two");
        model.graph = parse_graph(window, message(field), limits, budget);
        break;
      case 8:
        budget.count_entry();
        model.opsets.push_back(parse_opset(window, message(field)));
        break;
      case 25:
        budget.count_entry();
        model.functions.push_back(parse_names(window, message(field), 10, 1));
        break;
      default:
        break;
    }
  }
  if (!has_graph) fail(Errc::malformed, "model", "has no graph");
  return model;
}

}  // namespace lamina::format::onnx
