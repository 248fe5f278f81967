// What the operators share: their constants, and the look-up by name.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/operators.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace lamina::format::onnx {

using base::fail;

std::size_t most_inputs(std::string_view op) noexcept {
  using Entry = std::pair<std::string_view, std::size_t>;
  constexpr std::array kInputs = {
      Entry{"Add", 2},
      Entry{"Sub", 2},
      Entry{"Mul", 2},
      Entry{"Div", 2},
      Entry{"MatMul", 2},
      Entry{"Gemm", 3},
      Entry{"Clip", 3},
      Entry{"PRelu", 2},
      Entry{"Reshape", 2},
      Entry{"Squeeze", 2},
      Entry{"Unsqueeze", 2},
      Entry{"CastLike", 2},
      Entry{"Dropout", 3},
      Entry{"Sum", SIZE_MAX},
      Entry{"Concat", SIZE_MAX},
      Entry{"BatchNormalization", 5},
      Entry{"LayerNormalization", 3},
  };
  const auto found =
      std::find_if(kInputs.begin(), kInputs.end(), [&](const Entry& entry) { return entry.first == op; });
  return found == kInputs.end() ? 1 : found->second;
}

Constant Conversion::constant(std::size_t index) const {
  const std::string place = "input " + std::to_string(index);
  if (!has_input(index)) fail(Errc::malformed, place, "is missing");
  if (!values.is_constant(node.input(index))) {
    fail(Errc::unsupported_feature, place, "depends on the network's input, expected a constant");
  }
  return values.constant(node.input(index));
}

Constant Conversion::floats(std::size_t index) const {
  Constant result = constant(index);
  if (!result.is_float()) {
    fail(Errc::dtype, "input " + std::to_string(index), "element type", "a float type", type_name(result.type));
  }
  return result;
}

std::optional<std::vector<std::int64_t>> Conversion::integers(std::string_view attribute, std::size_t index) {
  if (attributes.has(attribute)) return attributes.integers(attribute);
  if (!has_input(index)) return std::nullopt;
  Constant list = constant(index);
  if (list.is_float()) fail(Errc::dtype, "input " + std::to_string(index), "element type", "int64", "a float type");
  return std::move(list.integers);
}

void Conversion::require_first() const {
  if (dynamic == 0) return;
  fail(Errc::unsupported_feature, "input " + std::to_string(dynamic),
       "depends on the network's input, expected a constant");
}

Convert find_operator(const NodeProto& node) noexcept {
  if (node.domain == "ai.onnx.ml") return find_ml_operator(node.op);
  if (!is_default_domain(node.domain)) return nullptr;
  for (const auto find : {find_activation, find_arithmetic, find_normalization, find_shape_operator}) {
    if (const Convert convert = find(node.op)) return convert;
  }
  return nullptr;
}

}  // namespace lamina::format::onnx
