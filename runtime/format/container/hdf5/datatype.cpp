// Datatypes: only plain integers, the IEEE floats and bfloat16 bit for bit, and strings pass.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/datatype.hpp"

#include <algorithm>
#include <array>

namespace lamina::format::hdf5 {
namespace {

constexpr std::array<std::string_view, 12> kClasses = {
    "an integer", "a float",     "a time",         "a string",           "a bit field", "opaque",
    "a compound", "a reference", "an enum (bool)", "of variable length", "an array",    "a complex"};

constexpr std::uint32_t kBigEndian = 0x01;  // bits of the class
constexpr std::uint32_t kSigned = 0x08;
constexpr std::uint32_t kVaxOrder = 0x40;
constexpr std::uint32_t kVariableText = 1;

/// Position and width of the fields of a float as HDF5 states them.
struct FloatFormat {
  std::uint16_t offset, precision;
  std::uint8_t exponent_at, exponent_bits, mantissa_at, mantissa_bits;
  std::uint32_t exponent_bias;
  std::uint8_t sign_at;
  std::uint8_t normalization;

  friend bool operator==(const FloatFormat&, const FloatFormat&) = default;
};

constexpr std::uint8_t kImpliedBit = 2;
constexpr std::array<std::pair<FloatFormat, base::FloatType>, 4> kFloats = {{
    {{0, 16, 10, 5, 0, 10, 15, 15, kImpliedBit}, base::FloatType::f16},
    {{0, 16, 7, 8, 0, 7, 127, 15, kImpliedBit}, base::FloatType::bf16},
    {{0, 32, 23, 8, 0, 23, 127, 31, kImpliedBit}, base::FloatType::f32},
    {{0, 64, 52, 11, 0, 52, 1023, 63, kImpliedBit}, base::FloatType::f64},
}};

void parse_integer(Cursor& cursor, std::uint32_t bits, Datatype& type) {
  type.type_class = TypeClass::integer;
  type.big_endian = (bits & kBigEndian) != 0;
  type.is_signed = (bits & kSigned) != 0;
  const std::uint16_t offset = cursor.u16(), precision = cursor.u16();
  const bool plain = type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8;
  if (!plain || offset != 0 || precision != 8 * type.size) {
    cursor.place().fail(Errc::dtype, "integer", "all of 1, 2, 4 or 8 bytes",
                        std::to_string(precision) + " bits in " + std::to_string(type.size) + " bytes");
  }
}

void parse_float(Cursor& cursor, std::uint32_t bits, Datatype& type) {
  type.type_class = TypeClass::floating;
  type.big_endian = (bits & kBigEndian) != 0;
  FloatFormat format{};
  format.offset = cursor.u16();
  format.precision = cursor.u16();
  format.exponent_at = cursor.u8();
  format.exponent_bits = cursor.u8();
  format.mantissa_at = cursor.u8();
  format.mantissa_bits = cursor.u8();
  format.exponent_bias = cursor.u32();
  format.normalization = (bits >> 4) & 3;
  format.sign_at = (bits >> 8) & 0xFF;
  const auto known =
      std::find_if(kFloats.begin(), kFloats.end(), [&](const auto& each) { return each.first == format; });
  if (known == kFloats.end() || (bits & kVaxOrder) != 0 || 8 * type.size != format.precision) {
    cursor.place().fail(Errc::dtype, "float", "IEEE float16, float32 or float64, or bfloat16",
                        "another format of " + std::to_string(type.size) + " bytes");
  }
  type.float_type = known->second;
}

TextPadding parse_padding(const Cursor& cursor, std::uint32_t padding) {
  if (padding > static_cast<std::uint32_t>(TextPadding::space_padded)) {
    cursor.place().fail(Errc::malformed, "padding of a string", "0 to 2", std::to_string(padding));
  }
  return TextPadding{static_cast<std::uint8_t>(padding)};
}

void parse_variable(Cursor& cursor, std::uint32_t bits, Datatype& type) {
  constexpr std::uint32_t kReferenceBytes = 16;  // length, address of a heap, index in it
  if ((bits & 0xF) != kVariableText) {
    cursor.place().fail(Errc::dtype, "element type", "a number or a string", "a list of variable length");
  }
  if (type.size != kReferenceBytes) {
    cursor.place().fail(Errc::malformed, "size of a string of variable length", "16", std::to_string(type.size));
  }
  type.type_class = TypeClass::variable_text;
  type.padding = parse_padding(cursor, (bits >> 4) & 0xF);
}

}  // namespace

std::string to_string(const Datatype& type) {
  const std::string bits = std::to_string(8 * std::uint64_t{type.size});
  switch (type.type_class) {
    case TypeClass::integer:
      return (type.is_signed ? "int" : "uint") + bits;
    case TypeClass::floating:
      return (type.float_type == base::FloatType::bf16 ? "bfloat" : "float") + bits;
    case TypeClass::opaque:
      return std::to_string(type.size) + " opaque bytes";
    default:
      return "a string";
  }
}

Datatype parse_datatype(Cursor cursor) {
  const Place place = cursor.place();
  const std::uint8_t head = cursor.u8();
  const auto bits = static_cast<std::uint32_t>(cursor.unsigned_of(3));
  Datatype type{.size = cursor.u32()};
  if (head >> 4 == 0 || head >> 4 > 5) {
    place.fail(Errc::unsupported_feature, "version of a datatype", "1 to 5", std::to_string(head >> 4));
  }
  if (type.size == 0) place.fail(Errc::malformed, "has a datatype of no size");
  switch (head & 0x0F) {
    case 0:
      parse_integer(cursor, bits, type);
      return type;
    case 1:
      parse_float(cursor, bits, type);
      return type;
    case 3:
      type.type_class = TypeClass::fixed_text;
      type.padding = parse_padding(cursor, bits & 0xF);
      return type;
    case 5:
      return type;
    case 9:
      parse_variable(cursor, bits, type);
      return type;
    default:
      break;
  }
  const std::size_t unknown = head & 0x0F;
  place.fail(Errc::dtype, "element type", "a number or a string",
             unknown < kClasses.size() ? std::string(kClasses[unknown]) : "class " + std::to_string(unknown));
}

}  // namespace lamina::format::hdf5
