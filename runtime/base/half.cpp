// Storage types of weights (float16, bfloat16, float32, float64) -> float32.
// SPDX-License-Identifier: Apache-2.0
#include "base/half.hpp"

#include "base/fail.hpp"
#include "base/little_endian.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace lamina::base {
namespace {

float narrowed(double value) {
  const auto narrow = static_cast<float>(value);
  if (std::isinf(narrow) && !std::isinf(value)) {
    fail(Errc::dtype, "float64 value", "is beyond the range of float32: got " + std::to_string(value));
  }
  return narrow;
}

template <class Bits, class Convert>
void convert(const std::byte* in, std::span<float> out, Convert to_float) {
  for (float& value : out) {
    value = to_float(load_le<Bits>(in));
    in += sizeof(Bits);
  }
}

}  // namespace

float half_to_float(std::uint16_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24, exact in float32
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t rebiased = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (rebiased << 23) | (fraction << 13));
}

float round_to_half(float value) noexcept {
  constexpr std::uint32_t kOverflow = 0x477FF000;  // 65520, between the largest value and what would be the next one
  const auto bits = std::bit_cast<std::uint32_t>(value), sign = bits & 0x80000000U, magnitude = bits ^ sign;
  if (magnitude > 0x7F800000) return value;
  if (magnitude >= kOverflow) return std::bit_cast<float>(sign | 0x7F800000U);
  // Bits of the fraction that a half lacks: 13, and below 2^-14, where a half's last bit stays at 2^-24, one more for
  // each factor of two.
  const std::uint32_t exponent = magnitude >> 23, lacking = exponent >= 113 ? 13 : 126 - exponent;
  if (lacking > 24) return std::bit_cast<float>(sign);
  const std::uint32_t last = 1U << lacking;
  const std::uint32_t significand = (magnitude & 0x7FFFFFU) | 0x800000U;
  const std::uint32_t rounded = (significand + (last >> 1) - 1 + ((significand >> lacking) & 1U)) & ~(last - 1);
  // Adding carries into the exponent as it should; below 2^-24 a carry is all that may be left.
  if (exponent >= 113) return std::bit_cast<float>(sign | (((exponent - 1) << 23) + rounded));
  const float small = static_cast<float>(rounded >> lacking) * 0x1p-24F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(small));
}

float round_to_bfloat16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000) return value;
  return std::bit_cast<float>((bits + 0x7FFFU + ((bits >> 16) & 1U)) & 0xFFFF0000U);
}

std::size_t size_of(FloatType type) noexcept {
  switch (type) {
    case FloatType::f16:
    case FloatType::bf16:
      return 2;
    case FloatType::f32:
      return 4;
    case FloatType::f64:
      break;
  }
  return 8;
}

void to_float32(FloatType type, std::span<const std::byte> bytes, std::span<float> out) {
  if (bytes.size() / size_of(type) != out.size() || bytes.size() % size_of(type) != 0) {
    fail(Errc::internal, "to_float32", "number of bytes", std::to_string(out.size()) + " elements",
         std::to_string(bytes.size()) + " bytes");
  }
  if (out.empty()) return;
  switch (type) {
    case FloatType::f16:
      return convert<std::uint16_t>(bytes.data(), out, half_to_float);
    case FloatType::bf16:
      return convert<std::uint16_t>(bytes.data(), out, bfloat16_to_float);
    case FloatType::f64:
      return convert<std::uint64_t>(bytes.data(), out,
                                    [](std::uint64_t bits) { return narrowed(std::bit_cast<double>(bits)); });
    case FloatType::f32:
      break;
  }
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out.data(), bytes.data(), bytes.size());
  } else {
    convert<std::uint32_t>(bytes.data(), out, [](std::uint32_t bits) { return std::bit_cast<float>(bits); });
  }
}

void read_float32(const ByteSource& source, std::uint64_t begin, FloatType type, std::span<float> out) {
  constexpr std::size_t kPieceElements = std::size_t{1} << 16;  // at most half of a usual L2
  if (type == FloatType::f32 && std::endian::native == std::endian::little) {
    return source.read(begin, std::as_writable_bytes(out));
  }
  const std::size_t width = size_of(type);
  std::vector<std::byte> buffer(std::min(kPieceElements, out.size()) * width);
  for (std::size_t done = 0; done < out.size(); done += kPieceElements) {
    const std::span<float> piece = out.subspan(done, std::min(kPieceElements, out.size() - done));
    const std::span<std::byte> bytes = std::span(buffer).first(piece.size() * width);
    source.read(begin + done * width, bytes);
    to_float32(type, bytes, piece);
  }
}

}  // namespace lamina::base
