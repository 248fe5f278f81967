// TensorProto -> its head: name, type, dimensions and where its elements are.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/parse.hpp"

#include <array>
#include <string_view>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::size_t kMostExternalKeys = 16;

constexpr std::array<std::string_view, 17> kTypeNames = {
    "",     "float32", "uint8",   "int8",   "uint16", "int16",   "int32",   "int64",   "string",
    "bool", "float16", "float64", "uint32", "uint64", "complex", "complex", "bfloat16"};

void parse_dims(Window& window, const Field& field, Shape& dims) {
  const auto add = [&](std::uint64_t value) {
    if (dims.size() == kMostDimensions) fail(Errc::limit_exceeded, "tensor", "more than 8 dimensions");
    dims.push_back(static_cast<std::int64_t>(value));
    if (dims.back() < 0) fail(Errc::malformed, "tensor", "dimension", "0 or more", std::to_string(dims.back()));
  };
  if (field.type != WireType::bytes) return add(static_cast<std::uint64_t>(integer(field)));
  MessageReader packed(window, field.bytes);
  for (std::uint64_t value = 0; packed.next_varint(value);) add(value);
}

std::pair<std::string, std::string> parse_entry(Window& window, Extent entry) {
  std::pair<std::string, std::string> result;
  MessageReader reader(window, entry);
  for (Field field; reader.next(field);) {
    if (field.number == 1) result.first = name(window, field);
    if (field.number == 2) result.second = name(window, field);
  }
  return result;
}

std::uint64_t data_size(const Field& field) {
  switch (field.type) {
    case WireType::bytes:
      return field.bytes.size;
    case WireType::fixed32:
      return 4;
    case WireType::fixed64:
      return 8;
    case WireType::varint:
      break;
  }
  return 1;
}

/// An empty data field beside the one in use is allowed: some writers store all of them.
void note_data(TensorProto& tensor, const Field& field) {
  const std::uint64_t size = data_size(field);
  if (size == 0) return;
  if (tensor.data_field != 0 && tensor.data_field != field.number) {
    fail(Errc::malformed, "tensor", "elements", "one data field", "two");
  }
  tensor.data_field = field.number;
  tensor.data_bytes += size;
}

void parse_field(Window& window, const Field& field, TensorProto& tensor) {
  switch (field.number) {
    case 1:
      return parse_dims(window, field, tensor.dims);
    case 2:
      tensor.type = data_type(field);
      return;
    case 3:
      fail(Errc::unsupported_feature, "tensor", "is stored in segments");
    case 4:
    case 5:
    case 6:
    case 7:
    case 9:
    case 10:
    case 11:
      return note_data(tensor, field);
    case 8:
      tensor.name = name(window, field);
      return;
    case 13:
      if (tensor.external_data.size() == kMostExternalKeys) {
        fail(Errc::limit_exceeded, "tensor", "more than 16 entries of external_data");
      }
      tensor.external_data.push_back(parse_entry(window, message(field)));
      return;
    case 14:
      tensor.is_external = integer(field) != 0;
      return;
    default:
      return;
  }
}

}  // namespace

DataType data_type(const Field& field) {
  const std::int64_t value = integer(field);
  if (value < 0 || value > 255) fail(Errc::dtype, "tensor", "element type " + std::to_string(value) + " is unknown");
  return static_cast<DataType>(value);
}

std::string type_name(DataType type) {
  const auto index = static_cast<std::size_t>(type);
  const bool known = index < kTypeNames.size() && !kTypeNames[index].empty();
  return known ? std::string(kTypeNames[index]) : "element type " + std::to_string(index);
}

bool is_float(DataType type) noexcept {
  return type == DataType::float32 || type == DataType::float64 || type == DataType::float16 ||
         type == DataType::bfloat16;
}

bool is_integer(DataType type) noexcept {
  switch (type) {
    case DataType::uint8:
    case DataType::int8:
    case DataType::uint16:
    case DataType::int16:
    case DataType::int32:
    case DataType::int64:
    case DataType::boolean:
    case DataType::uint32:
    case DataType::uint64:
      return true;
    default:
      return false;
  }
}

TensorProto parse_tensor(Window& window, Extent message, ParseBudget& budget) {
  budget.count_entry();
  TensorProto tensor;
  tensor.message = message;
  MessageReader reader(window, message);
  try {
    for (Field field; reader.next(field);) parse_field(window, field, tensor);
  } catch (const Error& error) {
    if (tensor.name.empty()) throw;
    throw base::with_prefix(error, "tensor " + base::quoted(tensor.name));
  }
  return tensor;
}

}  // namespace lamina::format::onnx
