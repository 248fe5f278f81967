// TensorProto -> its elements, raw or typed.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/tensor.hpp"

#include "base/checked.hpp"
#include "base/fail.hpp"
#include "base/half.hpp"
#include "base/little_endian.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <span>

namespace lamina::format::onnx {
namespace {

using base::fail;

enum Number : std::uint32_t { kFloats = 4, kInt32s = 5, kInt64s = 7, kRaw = 9, kDoubles = 10, kUint64s = 11 };

std::size_t item_size(DataType type) {
  switch (type) {
    case DataType::uint8:
    case DataType::int8:
    case DataType::boolean:
      return 1;
    case DataType::uint16:
    case DataType::int16:
    case DataType::float16:
    case DataType::bfloat16:
      return 2;
    case DataType::float64:
    case DataType::int64:
    case DataType::uint64:
      return 8;
    default:
      return 4;
  }
}

base::FloatType float_type(DataType type) {
  switch (type) {
    case DataType::float16:
      return base::FloatType::f16;
    case DataType::bfloat16:
      return base::FloatType::bf16;
    case DataType::float64:
      return base::FloatType::f64;
    default:
      return base::FloatType::f32;
  }
}

/// The field that elements of this type are stored in where they are not raw.
std::uint32_t typed_field(DataType type) {
  switch (type) {
    case DataType::float32:
      return kFloats;
    case DataType::float64:
      return kDoubles;
    case DataType::int64:
      return kInt64s;
    case DataType::uint32:
    case DataType::uint64:
      return kUint64s;
    default:
      return kInt32s;
  }
}

std::int64_t checked_integer(std::uint64_t value, DataType type) {
  if (type == DataType::uint64 && value > std::numeric_limits<std::int64_t>::max()) {
    fail(Errc::dtype, "a uint64 beyond the range of int64");
  }
  if (static_cast<std::int64_t>(value) == kBatchSize)
    fail(Errc::unsupported_feature, "a number that stands for the batch");
  return static_cast<std::int64_t>(value);
}

std::int64_t raw_integer(const std::byte* p, DataType type) {
  switch (type) {
    case DataType::int8:
      return static_cast<std::int8_t>(base::load_le<std::uint8_t>(p));
    case DataType::int16:
      return static_cast<std::int16_t>(base::load_le<std::uint16_t>(p));
    case DataType::int32:
      return static_cast<std::int32_t>(base::load_le<std::uint32_t>(p));
    case DataType::uint16:
      return base::load_le<std::uint16_t>(p);
    case DataType::uint32:
      return base::load_le<std::uint32_t>(p);
    case DataType::int64:
    case DataType::uint64:
      return checked_integer(base::load_le<std::uint64_t>(p), type);
    default:
      return base::load_le<std::uint8_t>(p);
  }
}

/// Puts elements one after the other where they belong; more than there is room for are an error.
class Sink {
 public:
  explicit Sink(Constant& constant) : constant_(constant), size_(constant.size()) {
    if (constant.is_float()) floats_ = constant.floats.mutable_values();
  }
  void raw(std::span<const std::byte> bytes) {
    const std::size_t width = item_size(constant_.type), count = bytes.size() / width;
    make_room(count);
    if (constant_.is_float()) {
      base::to_float32(float_type(constant_.type), bytes, floats_.subspan(done_, count));
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        constant_.integers[done_ + i] = raw_integer(bytes.data() + i * width, constant_.type);
      }
    }
    done_ += count;
  }
  /// float16 and bfloat16 in the low 16 bits of an int32; integers as they are.
  void varint(std::uint64_t value) {
    make_room(1);
    if (constant_.type == DataType::float16) {
      floats_[done_++] = base::half_to_float(static_cast<std::uint16_t>(value));
    } else if (constant_.type == DataType::bfloat16) {
      floats_[done_++] = base::bfloat16_to_float(static_cast<std::uint16_t>(value));
    } else {
      constant_.integers[done_++] = checked_integer(value, constant_.type);
    }
  }
  void finish() const {
    if (done_ != size_) {
      fail(Errc::malformed, "elements", "number", std::to_string(size_) + ", as the dimensions say",
           std::to_string(done_));
    }
  }

 private:
  void make_room(std::size_t count) const {
    if (count > size_ - done_) {
      fail(Errc::malformed, "elements", "number", std::to_string(size_) + ", as the dimensions say", "more");
    }
  }

  Constant& constant_;
  std::span<float> floats_;
  std::size_t size_, done_ = 0;
};

/// Fields of fixed size: floats and doubles, packed or one by one.
void take_fixed(Window& window, const Field& field, std::size_t width, Sink& sink) {
  if (field.type != WireType::bytes) {
    std::array<std::byte, 8> bytes = {};
    base::store_le(field.value, bytes.data());
    if (field.type != (width == 4 ? WireType::fixed32 : WireType::fixed64)) {
      fail(Errc::malformed, "elements", "wire type does not fit the element type");
    }
    return sink.raw(std::span(bytes).first(width));
  }
  if (field.bytes.size % width != 0) fail(Errc::malformed, "elements", "are cut short");
  for (std::uint64_t at = field.bytes.begin; at < field.bytes.end();) {
    const auto piece = window.peek(at, field.bytes.end(), Window::kLargestPiece);
    sink.raw(piece);
    at += piece.size();
  }
}

void take_varints(Window& window, const Field& field, Sink& sink) {
  if (field.type != WireType::bytes) return sink.varint(static_cast<std::uint64_t>(integer(field)));
  MessageReader packed(window, field.bytes);
  for (std::uint64_t value = 0; packed.next_varint(value);) sink.varint(value);
}

/// Before anything is allocated: each element takes at least so many bytes of the file.
void check_size(const TensorProto& tensor, std::uint64_t elements) {
  if (elements == 0 && tensor.data_field == 0) return;
  const std::uint64_t width = item_size(tensor.type);
  if (tensor.data_field == kRaw) {
    const std::uint64_t bytes = (base::CheckedU64(elements) * width).value();
    if (bytes == tensor.data_bytes) return;
    fail(Errc::malformed, "elements", "raw data", std::to_string(bytes) + " bytes, as the dimensions say",
         std::to_string(tensor.data_bytes));
  }
  if (tensor.data_field == 0) fail(Errc::malformed, "elements", "are missing");
  if (tensor.data_field != typed_field(tensor.type)) {
    fail(Errc::malformed, "elements", "data field of " + type_name(tensor.type),
         std::to_string(typed_field(tensor.type)), std::to_string(tensor.data_field));
  }
  const bool fixed = tensor.data_field == kFloats || tensor.data_field == kDoubles;
  if (tensor.data_bytes / (fixed ? width : 1) < elements) {
    fail(Errc::malformed, "elements", "number", std::to_string(elements) + ", as the dimensions say", "fewer");
  }
}

Constant allocate(const TensorProto& tensor) {
  Constant constant{.type = tensor.type, .dims = tensor.dims, .integers = {}};
  if (constant.is_float()) {
    constant.floats = Tensor::uninitialized(tensor.dims);  // Sink::finish: each is written
  } else {
    constant.integers.resize(element_count(tensor.dims));
  }
  return constant;
}

}  // namespace

void TensorReader::count(std::uint64_t elements) {
  // Weights are read once or twice, at double size where they are float16, and transposed or scaled at times.
  constexpr std::uint64_t kTimes = 16, kFree = std::uint64_t{64} << 20;
  const base::CheckedU64 bytes = base::CheckedU64(elements) * sizeof(float);
  const base::CheckedU64 files = base::CheckedU64(window_.source().size()) + file_bytes_;
  produced_ = (base::CheckedU64(produced_) + bytes).value();
  if (bytes > options_.limits.weight_bytes) {
    fail(Errc::limit_exceeded, "weights", "size in float32",
         "at most " + std::to_string(options_.limits.weight_bytes) + " bytes", std::to_string(bytes.value()));
  }
  if (produced_ > files * kTimes + kFree) {
    fail(Errc::limit_exceeded, "constants", "computed size", "at most 16 times that of the file", "more");
  }
}

Constant TensorReader::read(const TensorProto& tensor) {
  try {
    if (!is_float(tensor.type) && !is_integer(tensor.type)) {
      fail(Errc::dtype, "element type", "is " + type_name(tensor.type) + ", expected numbers");
    }
    const std::uint64_t elements = element_count(tensor.dims);
    const base::ByteSource* source = nullptr;
    Extent external;
    if (tensor.is_external) {
      external = external_extent(tensor, (base::CheckedU64(elements) * item_size(tensor.type)).value(), source);
    } else {
      check_size(tensor, elements);
    }
    count(elements);
    Constant constant = allocate(tensor);
    if (source != nullptr) {
      read_raw(*source, external, constant);
    } else {
      read_typed(tensor, constant);
    }
    return constant;
  } catch (const Error& error) {
    throw base::with_prefix(error, "tensor " + base::quoted(tensor.name));
  }
}

void TensorReader::read_raw(const base::ByteSource& source, Extent data, Constant& constant) {
  if (constant.type == DataType::float32 && std::endian::native == std::endian::little) {
    source.read(data.begin, std::as_writable_bytes(constant.floats.mutable_values()));
    return;
  }
  Window pieces(source);
  Sink sink(constant);
  for (std::uint64_t at = data.begin; at < data.end();) {
    const auto piece = pieces.peek(at, data.end(), Window::kLargestPiece);
    sink.raw(piece);
    at += piece.size();
  }
  sink.finish();
}

void TensorReader::read_typed(const TensorProto& tensor, Constant& constant) {
  if (tensor.data_field == 0) return;
  Sink sink(constant);
  MessageReader reader(window_, tensor.message);
  for (Field field; reader.next(field);) {
    if (field.number != tensor.data_field) {
      count(1);  // passing over it takes as long as an element, each time that the tensor is read
      continue;
    }
    switch (field.number) {
      case kRaw:
        // Several raw_data fields: protobuf's rule is that the last one counts, and all of them were measured together.
        if (message(field).size != tensor.data_bytes) fail(Errc::malformed, "elements", "raw data is there twice");
        return read_raw(window_.source(), field.bytes, constant);
      case kFloats:
      case kDoubles:
        take_fixed(window_, field, item_size(constant.type), sink);
        break;
      default:
        take_varints(window_, field, sink);
        break;
    }
  }
  sink.finish();
}

}  // namespace lamina::format::onnx
