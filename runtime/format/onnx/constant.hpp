// A value of the graph that does not depend on the input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/proto.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace lamina::format::onnx {

/// The size of the batch, where a computed shape holds it. A file that has this number is refused.
inline constexpr std::int64_t kBatchSize = -0x6261'7463'68;

struct Constant {
  DataType type = DataType::float32;
  Shape dims;                          // empty: a scalar
  Tensor floats = {};                  // of float types, as float32
  std::vector<std::int64_t> integers;  // of integer types and bool

  [[nodiscard]] bool is_float() const noexcept { return onnx::is_float(type); }
  [[nodiscard]] std::size_t size() const noexcept { return is_float() ? floats.size() : integers.size(); }
  /// The number that all elements are together: nullopt where there are several or none.
  [[nodiscard]] std::optional<double> scalar() const noexcept {
    if (size() != 1) return std::nullopt;
    return is_float() ? double{floats.data()[0]} : static_cast<double>(integers[0]);
  }
};

}  // namespace lamina::format::onnx
