// Storage types of weights (float16, bfloat16, float32, float64) -> float32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lamina::base {

/// Exact for every bit pattern: subnormals, infinities; NaN keeps its payload's top bits.
[[nodiscard]] float half_to_float(std::uint16_t bits) noexcept;
[[nodiscard]] inline float bfloat16_to_float(std::uint16_t bits) noexcept {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
}

/// The nearest value of the type, ties to even, whatever the caller's rounding mode; infinity beyond its range.
[[nodiscard]] float round_to_half(float value) noexcept;
[[nodiscard]] float round_to_bfloat16(float value) noexcept;

enum class FloatType : std::uint8_t { f16, bf16, f32, f64 };
[[nodiscard]] std::size_t size_of(FloatType type) noexcept;

/// Little-endian elements -> float32. float64 rounds to nearest even.
/// Throws Error{dtype} where a finite float64 is beyond the range of float32.
/// `bytes.size()` must be out.size() * size_of(type).
void to_float32(FloatType type, std::span<const std::byte> bytes, std::span<float> out);

/// The same from byte `begin` of a source: straight into `out` where the bytes are the floats, else by way of a small
/// buffer.
void read_float32(const ByteSource& source, std::uint64_t begin, FloatType type, std::span<float> out);

}  // namespace lamina::base
