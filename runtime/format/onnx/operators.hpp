// One ONNX operator on the way from input to output -> layers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/attributes.hpp"
#include "format/onnx/builder.hpp"
#include "format/onnx/values.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::onnx {

/// A node, with the constants that its other inputs are, and the layers so far.
struct Conversion {
  const Node& node;
  std::size_t dynamic;  // index of the input that depends on the network's input
  Values& values;
  Builder& builder;
  Attributes attributes;

  [[nodiscard]] std::int64_t opset() const noexcept { return node.opset; }
  [[nodiscard]] bool has_input(std::size_t index) const noexcept { return node.input(index) != kNone; }
  /// Throws Error{malformed} where the node lacks the input, Error{unsupported_feature} where it is no constant.
  [[nodiscard]] Constant constant(std::size_t index) const;
  /// The same, of floats. Throws Error{dtype}.
  [[nodiscard]] Constant floats(std::size_t index) const;
  /// A list of integers from the attribute (older opsets) or from input `index`; nullopt where neither is there.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view attribute, std::size_t index);
  /// Throws Error{unsupported_feature} where the input on the way is not the first one.
  void require_first() const;
};

using Convert = void (*)(Conversion& c);

struct OperatorRow {
  std::string_view op;
  Convert convert;
};

// One table for each file of operators: nullptr for an operator that is not in it.
[[nodiscard]] Convert find_activation(std::string_view op) noexcept;
[[nodiscard]] Convert find_arithmetic(std::string_view op) noexcept;
[[nodiscard]] Convert find_normalization(std::string_view op) noexcept;
[[nodiscard]] Convert find_shape_operator(std::string_view op) noexcept;
/// Of the domain "ai.onnx.ml", scikit-learn's.
[[nodiscard]] Convert find_ml_operator(std::string_view op) noexcept;

/// nullptr for an operator that lamina does not know.
/// nullptr for operators and domains that lamina does not know.
[[nodiscard]] Convert find_operator(const NodeProto& node) noexcept;

/// How many inputs the operator takes at most: one beyond them must not be passed over.
[[nodiscard]] std::size_t most_inputs(std::string_view op) noexcept;

}  // namespace lamina::format::onnx
