// Bytes of a protobuf message -> its fields, one after the other.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/wire.hpp"

#include "base/fail.hpp"
#include "base/little_endian.hpp"
#include "base/utf8.hpp"

#include <protozero/exception.hpp>
#include <protozero/varint.hpp>

#include <bit>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::uint64_t kLargestNumber = (1U << 29) - 1;
constexpr std::uint64_t kNameBytes = 1024;

std::string at_byte(std::uint64_t offset) { return "protobuf at byte " + std::to_string(offset); }

void require(const Field& field, WireType type) {
  if (field.type == type) return;
  fail(Errc::malformed, "protobuf field " + std::to_string(field.number), "wire type",
       std::to_string(static_cast<int>(type)), std::to_string(static_cast<int>(field.type)));
}

}  // namespace

std::uint64_t MessageReader::varint() {
  const auto piece = window_.peek(at_, end_, protozero::max_varint_length);
  const char* const begin = reinterpret_cast<const char*>(piece.data());
  const char* p = begin;
  try {
    const std::uint64_t value = protozero::decode_varint(&p, begin + piece.size());
    at_ += static_cast<std::uint64_t>(p - begin);
    return value;
  } catch (const protozero::end_of_buffer_exception&) {
    fail(Errc::truncated, at_byte(at_), "ends within a number");
  } catch (const protozero::exception& error) {
    fail(Errc::malformed, at_byte(at_), error.what());
  }
}

std::uint64_t MessageReader::fixed(std::size_t size) {
  const auto piece = window_.peek(at_, end_, size);
  if (piece.size() < size) fail(Errc::truncated, at_byte(at_), "ends within a number");
  at_ += size;
  return size == 4 ? base::load_le<std::uint32_t>(piece.data()) : base::load_le<std::uint64_t>(piece.data());
}

Extent MessageReader::contents(std::uint32_t number) {
  const std::uint64_t size = varint();
  if (size > end_ - at_ && end_ == window_.source().size()) {
    fail(Errc::truncated, at_byte(at_),
         "field " + std::to_string(number) + " has " + std::to_string(size) + " bytes and the file ends after " +
             std::to_string(end_ - at_) + ": it was cut short");
  }
  if (size > end_ - at_) {
    fail(Errc::truncated, at_byte(at_), "length of field " + std::to_string(number),
         "at most the " + std::to_string(end_ - at_) + " bytes that are left", std::to_string(size));
  }
  const Extent extent{at_, size};
  at_ += size;
  return extent;
}

bool MessageReader::next(Field& field) {
  if (at_ == end_) return false;
  const std::uint64_t begin = at_, tag = varint();
  if (tag >> 3 == 0 || tag >> 3 > kLargestNumber) {
    fail(Errc::malformed, at_byte(begin), "field number", "1 to 536870911", std::to_string(tag >> 3));
  }
  field = {.number = static_cast<std::uint32_t>(tag >> 3), .type = static_cast<WireType>(tag & 7)};
  switch (field.type) {
    case WireType::varint:
      field.value = varint();
      return true;
    case WireType::fixed64:
      field.value = fixed(8);
      return true;
    case WireType::fixed32:
      field.value = fixed(4);
      return true;
    case WireType::bytes:
      field.bytes = contents(field.number);
      return true;
  }
  fail(Errc::malformed, at_byte(begin), "wire type of field " + std::to_string(field.number), "0, 1, 2 or 5",
       std::to_string(tag & 7));
}

bool MessageReader::next_varint(std::uint64_t& value) {
  if (at_ == end_) return false;
  value = varint();
  return true;
}

std::int64_t integer(const Field& field) {
  require(field, WireType::varint);
  return static_cast<std::int64_t>(field.value);
}

float float32(const Field& field) {
  require(field, WireType::fixed32);
  return std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
}

Extent message(const Field& field) {
  require(field, WireType::bytes);
  return field.bytes;
}

std::string name(const Window& window, const Field& field) {
  const Extent extent = message(field);
  const std::string place = "protobuf field " + std::to_string(field.number);
  if (extent.size > kNameBytes) {
    fail(Errc::limit_exceeded, place, "name", "at most 1024 bytes", std::to_string(extent.size));
  }
  std::string text = window.text(extent);
  if (!base::is_utf8(text)) fail(Errc::malformed, place, "name", "UTF-8", base::quoted(text));
  return text;
}

}  // namespace lamina::format::onnx
