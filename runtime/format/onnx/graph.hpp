// ModelProto -> the graph with names resolved: every value has one origin, every node comes after its inputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/proto.hpp"

#include <lamina/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lamina::format::onnx {

using ValueId = std::uint32_t;
using NodeId = std::uint32_t;
inline constexpr std::uint32_t kNone = UINT32_MAX;  // no value (an optional input left out), no node

struct Value {
  std::string_view name;
  NodeId producer = kNone;                   // kNone for inputs and initializers
  std::uint32_t output = 0;                  // which output of the producer
  const TensorProto* initializer = nullptr;  // of the value; an input may have one as its default
};

struct Node {
  const NodeProto* proto = nullptr;
  std::vector<ValueId> inputs = {}, outputs = {};
  std::int64_t opset = 0;  // version of its domain

  [[nodiscard]] std::string_view op() const noexcept { return proto->op; }
  /// kNone where the node has no such input.
  [[nodiscard]] ValueId input(std::size_t index) const noexcept {
    return index < inputs.size() ? inputs[index] : kNone;
  }
};

class Graph {
 public:
  /// Keeps pointers into `model`. Throws Error{malformed, unsupported_feature} with all problems.
  explicit Graph(const ModelProto& model);

  [[nodiscard]] const std::vector<Node>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] const Node& node(NodeId id) const noexcept { return nodes_[id]; }
  [[nodiscard]] const Value& value(ValueId id) const noexcept { return values_[id]; }
  [[nodiscard]] std::size_t value_count() const noexcept { return values_.size(); }
  /// The graph's inputs that no initializer gives a value.
  [[nodiscard]] const std::vector<ValueId>& inputs() const noexcept { return inputs_; }
  [[nodiscard]] const ValueInfo& input_info(ValueId id) const noexcept { return *infos_.at(id); }
  /// kNone where there is none of this name.
  [[nodiscard]] ValueId find(std::string_view name) const noexcept;
  /// "node 'fc1' (Gemm)", "node 3 (Gemm)" where it has no name.
  [[nodiscard]] std::string place(NodeId id) const;
  /// The node that makes the value, where one does and it is this operator of ONNX's own domain.
  [[nodiscard]] const Node* producer(ValueId id, std::string_view op) const noexcept;

 private:
  ValueId define(std::string_view name, Value value);
  void add_initializers(const GraphProto& graph);
  void add_inputs(const GraphProto& graph);
  void add_nodes(const ModelProto& model);

  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<ValueId> inputs_;
  std::unordered_map<ValueId, const ValueInfo*> infos_;
  std::unordered_map<std::string_view, ValueId> names_;
  std::vector<std::string> problems_;
};

/// True for "" and "ai.onnx": ONNX's own operators.
[[nodiscard]] bool is_default_domain(std::string_view domain) noexcept;

/// Throws Error{code} with the first problem as its message and all of them as problems(), if there are any.
void throw_problems(Errc code, std::vector<std::string> problems);

}  // namespace lamina::format::onnx
