// An operator with constant inputs -> its constant output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/attributes.hpp"
#include "format/onnx/constant.hpp"
#include "format/onnx/tensor.hpp"

#include <span>

namespace lamina::format::onnx {

/// A node whose inputs have been evaluated; nullptr for an optional input that is left out.
struct Foldable {
  const Node& node;
  std::span<const Constant* const> inputs;
  Attributes attributes;
  TensorReader& reader;  // reads tensors in attributes, counts what is produced

  /// Throws Error{malformed} where the input is missing.
  [[nodiscard]] const Constant& input(std::size_t index) const;
  [[nodiscard]] const Constant* optional_input(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
  /// The axes in the attribute (until opset 12) or in input 1; empty where neither is there.
  [[nodiscard]] std::vector<std::int64_t> axes();
};

using Fold = Constant (*)(Foldable& node);

// One table for each file of operators: nullptr for an operator that is not in it.
[[nodiscard]] Fold find_shape_fold(std::string_view op) noexcept;
[[nodiscard]] Fold find_arithmetic_fold(std::string_view op) noexcept;
[[nodiscard]] Fold find_cast_fold(std::string_view op) noexcept;

/// nullptr where lamina does not compute this operator ahead of time.
[[nodiscard]] inline Fold find_fold(std::string_view op) noexcept {
  for (const auto find : {find_shape_fold, find_arithmetic_fold, find_cast_fold}) {
    if (const Fold fold = find(op)) return fold;
  }
  return nullptr;
}

/// Floats are kept as float32; of float16 and bfloat16, only the numbers that these have.
void round_to(DataType type, Tensor& tensor);

/// Index of an axis that counts from the end where it is negative. Throws Error{malformed} beyond the rank.
[[nodiscard]] std::size_t resolve_axis(std::int64_t axis, std::size_t rank);

// The dimensions that these operators give; -1 and kBatchSize are kept where they cannot be computed.
/// Throws Error{shape_mismatch} where the numbers of elements differ.
[[nodiscard]] Shape reshaped(const Shape& dims, const std::vector<std::int64_t>& target, bool allow_zero);
[[nodiscard]] Shape squeezed(const Shape& dims, const std::vector<std::int64_t>& axes);
[[nodiscard]] Shape unsqueezed(const Shape& dims, const std::vector<std::int64_t>& axes);
/// numpy's rule. Throws Error{shape_mismatch}.
[[nodiscard]] Shape broadcast(const Shape& a, const Shape& b);

}  // namespace lamina::format::onnx
