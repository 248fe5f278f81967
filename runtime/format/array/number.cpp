// Decimal text <-> float32, without locale.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/number.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

namespace lamina::format {
namespace {

// from_chars also takes "nan(...)", which no array file should hold.
bool is_nonfinite_word(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  for (const std::string_view word : {"nan", "inf", "infinity"}) {
    if (std::equal(text.begin(), text.end(), word.begin(), word.end(),
                   [](char a, char b) { return (a | 0x20) == b; })) {
      return true;
    }
  }
  return false;
}

// Power of ten of the first digit that is not 0, far beyond any float clamped: tells too large from too small.
std::int64_t decimal_magnitude(std::string_view text) {
  constexpr std::int64_t kFar = 1'000'000;
  std::int64_t magnitude = 0;
  bool point = false;
  bool significant = false;
  std::size_t i = 0;
  for (; i < text.size() && (text[i] | 0x20) != 'e'; ++i) {
    if (text[i] == '.') point = true;
    if (!is_digit(text[i])) continue;
    significant = significant || text[i] != '0';
    if (significant && !point) ++magnitude;
    if (!significant && point) --magnitude;
  }
  const bool negative = i + 1 < text.size() && text[i + 1] == '-';
  std::int64_t exponent = 0;
  for (; i < text.size(); ++i) {
    if (is_digit(text[i])) exponent = std::min(kFar, exponent * 10 + (text[i] - '0'));
  }
  return magnitude + (negative ? -exponent : exponent);
}

}  // namespace

ParsedNumber parse_number(std::string_view text) noexcept {
  const char* first = text.data();
  const char* last = first + text.size();
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') ++first;  // from_chars takes no plus
  ParsedNumber number;
  const auto [end, error] = std::from_chars(first, last, number.value);
  if (end != last || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) {
    if (decimal_magnitude(text) > 0) return {0.0F, NumberKind::overflow};
    return {text[0] == '-' ? -0.0F : 0.0F, NumberKind::finite};
  }
  number.kind = NumberKind::finite;
  if (!std::isfinite(number.value)) number.kind = is_nonfinite_word(text) ? NumberKind::nonfinite : NumberKind::none;
  return number;
}

char* write_number(char* out, float value) noexcept {
  if (std::isfinite(value)) return std::to_chars(out, out + kNumberChars, value).ptr;
  const std::string_view word = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  std::memcpy(out, word.data(), word.size());
  return out + word.size();
}

}  // namespace lamina::format

namespace lamina::data {

void append_number(std::string& text, float value) {
  char buffer[format::kNumberChars];
  text.append(buffer, format::write_number(buffer, value));
}

}  // namespace lamina::data
