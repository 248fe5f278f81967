// Elements of an npy file, of any type and byte order -> float32 or integers.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/element.hpp"

#include "base/fail.hpp"
#include "base/half.hpp"
#include "base/little_endian.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace lamina::format {
namespace {

constexpr std::string_view kRead = "f2, f4, f8, i1 to i8, u1 to u8 or b1";

[[noreturn]] void fail_type(const std::string& place, std::string_view text) {
  const bool object = text.find('O') != std::string_view::npos;
  base::fail(Errc::dtype, place, "element type", kRead,
             base::quoted(text) + (object ? " (objects, which only Python can read)" : ""));
}

bool is_known(ElementKind kind, std::size_t size) {
  if (kind == ElementKind::boolean) return size == 1;
  if (kind == ElementKind::floating && size == 1) return false;
  return size == 1 || size == 2 || size == 4 || size == 8;
}

void to_little_endian(ElementType type, std::span<std::byte> bytes) {
  if (!type.big_endian) return;
  for (std::size_t i = 0; i + type.size <= bytes.size(); i += type.size) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + type.size));
  }
}

template <class Bits, class Integer, class Out>
void integers(const std::byte* in, std::span<Out> out) {
  for (Out& value : out) {
    const auto read = static_cast<Integer>(base::load_le<Bits>(in));
    if constexpr (std::is_same_v<Out, std::int64_t> && std::is_same_v<Integer, std::uint64_t>) {
      if (read > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        base::fail(Errc::dtype, "integer " + std::to_string(read) + " is beyond int64");
      }
    }
    value = static_cast<Out>(read);
    in += sizeof(Bits);
  }
}

template <class Out>
void integers(ElementType type, const std::byte* in, std::span<Out> out) {
  const bool is_signed = type.kind == ElementKind::signed_integer;
  switch (type.size) {
    case 1:
      return is_signed ? integers<std::uint8_t, std::int8_t>(in, out) : integers<std::uint8_t, std::uint8_t>(in, out);
    case 2:
      return is_signed ? integers<std::uint16_t, std::int16_t>(in, out)
                       : integers<std::uint16_t, std::uint16_t>(in, out);
    case 4:
      return is_signed ? integers<std::uint32_t, std::int32_t>(in, out)
                       : integers<std::uint32_t, std::uint32_t>(in, out);
    default:
      return is_signed ? integers<std::uint64_t, std::int64_t>(in, out)
                       : integers<std::uint64_t, std::uint64_t>(in, out);
  }
}

void check_booleans(ElementType type, std::span<const std::byte> bytes) {
  if (type.kind != ElementKind::boolean) return;
  if (std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; })) {
    base::fail(Errc::malformed, "bool that is neither 0 nor 1");
  }
}

double load_double(std::size_t size, const std::byte* in) {
  if (size == 2) return base::half_to_float(base::load_le<std::uint16_t>(in));
  if (size == 4) return std::bit_cast<float>(base::load_le<std::uint32_t>(in));
  return std::bit_cast<double>(base::load_le<std::uint64_t>(in));
}

}  // namespace

ElementType parse_element_type(const std::string& place, std::string_view text) {
  ElementType type;
  std::string_view rest = text;
  const bool ordered = !rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos;
  const char order = ordered ? rest[0] : '=';
  if (ordered) rest.remove_prefix(1);
  constexpr std::string_view kKinds = "biuf";  // in the order of ElementKind
  const std::size_t kind = rest.size() == 2 ? kKinds.find(rest[0]) : std::string_view::npos;
  if (kind == std::string_view::npos || rest[1] < '1' || rest[1] > '8') fail_type(place, text);
  type.kind = static_cast<ElementKind>(kind);
  type.size = static_cast<std::size_t>(rest[1] - '0');
  type.big_endian = order == '>';
  if (!is_known(type.kind, type.size) || (order == '|' && type.size > 1)) fail_type(place, text);
  return type;
}

void decode(ElementType type, std::span<std::byte> bytes, std::span<float> out) {
  to_little_endian(type, bytes);
  if (type.kind == ElementKind::floating) {
    const base::FloatType floating = type.size == 2   ? base::FloatType::f16
                                     : type.size == 4 ? base::FloatType::f32
                                                      : base::FloatType::f64;
    return base::to_float32(floating, bytes, out);
  }
  check_booleans(type, bytes);
  integers(type, bytes.data(), out);
}

void decode(ElementType type, std::span<std::byte> bytes, std::span<std::int64_t> out) {
  to_little_endian(type, bytes);
  check_booleans(type, bytes);
  if (type.kind != ElementKind::floating) return integers(type, bytes.data(), out);
  const std::byte* in = bytes.data();
  for (std::int64_t& value : out) {
    const double number = load_double(type.size, in);
    if (!(std::fabs(number) <= 0x1p53) || number != std::trunc(number)) {
      base::fail(Errc::dtype, "number " + std::to_string(number) + " is no integer");
    }
    value = static_cast<std::int64_t>(number);
    in += type.size;
  }
}

}  // namespace lamina::format
