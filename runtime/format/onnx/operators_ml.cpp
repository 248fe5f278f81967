// What converters of scikit-learn put before a network.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/operators.hpp"

namespace lamina::format::onnx {
namespace {

/// One number per feature, or one for all.
Constant features(Conversion& c, std::string_view name) {
  const std::vector<float> values = c.attributes.floats(name);
  if (values.empty()) base::fail(Errc::malformed, "attribute " + base::quoted(name), "is missing or empty");
  const Shape dims = {static_cast<std::int64_t>(values.size())};
  return {.dims = dims, .floats = Tensor(dims, values), .integers = {}};
}

/// StandardScaler, MinMaxScaler and their like: (x - offset) * scale.
void scaler(Conversion& c) {
  c.builder.add_affine(Arithmetic::subtract, features(c, "offset"));
  c.builder.add_affine(Arithmetic::multiply, features(c, "scale"));
}

}  // namespace

Convert find_ml_operator(std::string_view op) noexcept { return op == "Scaler" ? scaler : nullptr; }

}  // namespace lamina::format::onnx
