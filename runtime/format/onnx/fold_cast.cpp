// Constant elements -> those of another type, by ONNX's rules.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "base/half.hpp"
#include "format/onnx/fold.hpp"

#include <cmath>

namespace lamina::format::onnx {
namespace {

using base::fail;

/// The low bits of the number that the type has: what is beyond them is dropped.
std::int64_t low_bits(std::int64_t value, DataType type) {
  switch (type) {
    case DataType::boolean:
      return value != 0 ? 1 : 0;
    case DataType::int8:
      return static_cast<std::int8_t>(value);
    case DataType::uint8:
      return static_cast<std::uint8_t>(value);
    case DataType::int16:
      return static_cast<std::int16_t>(value);
    case DataType::uint16:
      return static_cast<std::uint16_t>(value);
    case DataType::int32:
      return static_cast<std::int32_t>(value);
    case DataType::uint32:
      return static_cast<std::uint32_t>(value);
    default:
      return value;
  }
}

std::int64_t narrowed(std::int64_t value, DataType type) {
  if (value == kBatchSize) {
    if (type == DataType::int32 || type == DataType::int64) return value;  // as shapes are computed
    fail(Errc::unsupported_feature, "computes with the size of the batch");
  }
  if (type == DataType::uint64 && value < 0) fail(Errc::dtype, "a uint64 beyond the range of int64");
  return low_bits(value, type);
}

/// Towards zero; ONNX does not define it beyond the type's range.
std::int64_t truncated(float value, DataType type) {
  if (type == DataType::boolean) return value != 0 ? 1 : 0;
  const bool fits = std::fabs(value) < 0x1p62f && (type != DataType::uint64 || value > -1);
  const std::int64_t whole = fits ? static_cast<std::int64_t>(value) : 0;
  if (!fits || low_bits(whole, type) != whole) {
    fail(Errc::dtype, "cast", "number", "one within the range of " + type_name(type), std::to_string(value));
  }
  return whole;
}

Constant to_floats(const Constant& constant, DataType type) {
  Constant result{.type = type, .dims = constant.dims, .floats = constant.floats, .integers = {}};
  if (!constant.is_float()) {
    result.floats = Tensor(constant.dims);
    const std::span<float> out = result.floats.mutable_values();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (constant.integers[i] == kBatchSize) fail(Errc::unsupported_feature, "computes with the size of the batch");
      out[i] = static_cast<float>(constant.integers[i]);
    }
  }
  if (type != constant.type) round_to(type, result.floats);
  return result;
}

Constant to_integers(const Constant& constant, DataType type) {
  Constant result{.type = type, .dims = constant.dims, .integers = {}};
  result.integers.resize(constant.size());
  for (std::size_t i = 0; i < result.integers.size(); ++i) {
    result.integers[i] =
        constant.is_float() ? truncated(constant.floats.data()[i], type) : narrowed(constant.integers[i], type);
  }
  return result;
}

Constant cast_to(Foldable& f, DataType type) {
  f.attributes.ignore("saturate");  // of 8-bit floats, as is the next
  f.attributes.ignore("round_mode");
  if (is_float(type)) return to_floats(f.input(0), type);
  if (is_integer(type)) return to_integers(f.input(0), type);
  fail(Errc::unsupported_feature, "cast to " + type_name(type));
}

Constant cast(Foldable& f) {
  const std::int64_t to = f.attributes.integer("to", 0);
  if (to < 0 || to > 255) fail(Errc::malformed, "attribute 'to'", "element type " + std::to_string(to));
  return cast_to(f, static_cast<DataType>(to));
}

/// The target is the network's input, or computed from it, which is of a float type.
Constant cast_like(Foldable& f) {
  const Constant* like = f.optional_input(1);
  return cast_to(f, like == nullptr ? DataType::float32 : like->type);
}

}  // namespace

void round_to(DataType type, Tensor& tensor) {
  if (type != DataType::float16 && type != DataType::bfloat16) return;
  const auto round = type == DataType::float16 ? base::round_to_half : base::round_to_bfloat16;
  for (float& value : tensor.mutable_values()) value = round(value);
}

Fold find_cast_fold(std::string_view op) noexcept {
  return op == "Cast" ? cast : op == "CastLike" ? cast_like : nullptr;
}

}  // namespace lamina::format::onnx
