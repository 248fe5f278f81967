// What the operators share: their constants, and the look-up by name.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/operators.hpp"

#include "base/fail.hpp"

namespace lamina::format::onnx {

using base::fail;

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

Convert find_operator(std::string_view op) noexcept {
  for (const auto find : {find_activation, find_arithmetic, find_normalization, find_shape_operator}) {
    if (const Convert convert = find(op)) return convert;
  }
  return nullptr;
}

}  // namespace lamina::format::onnx
