// The graph's values: which of them are constants, what those hold, and the dimensions of the others.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/constant.hpp"
#include "format/onnx/graph.hpp"
#include "format/onnx/tensor.hpp"

#include <map>
#include <optional>
#include <vector>

namespace lamina::format::onnx {

class Values {
 public:
  Values(const Graph& graph, TensorReader& reader);

  /// True for initializers and for what is computed from constants alone, shapes among them.
  [[nodiscard]] bool is_constant(ValueId id) const noexcept { return id != kNone && constant_[id]; }
  /// Read and computed anew for each call unless it is small: a network's weights are asked for once.
  /// Throws Error with the node that could not be computed.
  [[nodiscard]] Constant constant(ValueId id);
  /// The value that this one is a copy of: Identity and casts between float types are looked through.
  [[nodiscard]] ValueId origin(ValueId id) const noexcept { return origin_[id]; }
  /// Where the constant is a single number.
  [[nodiscard]] std::optional<double> scalar(ValueId id);

 private:
  void infer(NodeId id);
  void take_shape(const Node& node, const Shape& dims);
  [[nodiscard]] std::optional<Shape> dims(ValueId id);
  [[nodiscard]] Constant evaluate(ValueId id);
  void compute(ValueId id, std::map<ValueId, Constant>& computed);

  const Graph& graph_;
  TensorReader& reader_;
  std::vector<bool> constant_;
  std::vector<std::optional<Shape>> dims_;  // where they are known without computing the value; as in dims.hpp
  std::vector<ValueId> origin_;
  std::map<ValueId, Constant> small_;
  std::map<ValueId, Error> failed_;  // a long chain that cannot be computed is not tried again for each of its nodes
};

}  // namespace lamina::format::onnx
