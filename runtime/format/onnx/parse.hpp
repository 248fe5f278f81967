// Bytes of an ONNX file -> ModelProto.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/proto.hpp"
#include "format/onnx/wire.hpp"

#include <lamina/model.hpp>

namespace lamina::format::onnx {

/// Throws Error{truncated, malformed, limit_exceeded}.
[[nodiscard]] ModelProto parse_model(Window& window, const Limits& limits);

/// What the messages of one file share: how much they may hold together.
class ParseBudget {
 public:
  /// One more name, number of a list, dimension, attribute or value; a file of empty ones would fill the memory
  /// otherwise. Throws Error{limit_exceeded}.
  void count_entry();

 private:
  std::uint64_t entries_ = 0;
};

/// An element type, also one that lamina does not know. Throws Error{dtype} beyond 255.
[[nodiscard]] DataType data_type(const Field& field);
[[nodiscard]] TensorProto parse_tensor(Window& window, Extent message, ParseBudget& budget);
[[nodiscard]] NodeProto parse_node(Window& window, Extent message, ParseBudget& budget);
[[nodiscard]] ValueInfo parse_value_info(Window& window, Extent message, ParseBudget& budget);

}  // namespace lamina::format::onnx
