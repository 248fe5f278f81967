// Decimal text <-> float32, without locale.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace lamina::format {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

enum class NumberKind {
  finite,
  nonfinite,  // written as nan, inf or infinity with or without a sign, in any case
  overflow,   // finite as written, beyond float32
  none,       // no number
};

struct ParsedNumber {
  float value = 0.0F;
  NumberKind kind = NumberKind::none;
};

/// Most characters of a number that is read (threat: megabytes of digits).
inline constexpr std::size_t kMostNumberChars = 512;

/// The whole of `text` as a decimal number, rounded once; below the smallest denormal it is a zero of that sign.
/// Hexadecimal, thousands separators and surrounding spaces make it no number.
[[nodiscard]] ParsedNumber parse_number(std::string_view text) noexcept;

/// Room that write_number needs.
inline constexpr std::size_t kNumberChars = 32;
/// Shortest text that reads back as `value` ("nan", "inf", "-inf"); returns its end.
[[nodiscard]] char* write_number(char* out, float value) noexcept;

}  // namespace lamina::format
