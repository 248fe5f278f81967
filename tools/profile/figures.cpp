// Numbers -> short text for people: "3.68 us", "1.2 GB", "97.3 %".
// SPDX-License-Identifier: Apache-2.0
#include "profile/figures.hpp"

#include "table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lamina::tools {
namespace {

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
  return {text.data(), end};
}

}  // namespace

std::string three_digits(double value) {
  if (!std::isfinite(value) || std::fabs(value) >= 1e15) return "-";
  if (value < 0) return "-" + three_digits(-value);
  if (value >= 999.5) return with_commas(static_cast<std::uint64_t>(std::llround(value)));
  if (value < 0.0005) return value == 0 ? "0" : "<0.001";
  int digits = 2 - static_cast<int>(std::floor(std::log10(value)));
  if (value * std::pow(10.0, digits) >= 999.5) --digits;  // 9.996 is 10.0
  return fixed(value, std::clamp(digits, 0, 4));
}

std::string duration_text(double ns) {
  if (ns < 999.5) return three_digits(ns) + " ns";
  if (ns < 999.5e3) return three_digits(ns / 1e3) + " us";
  if (ns < 999.5e6) return three_digits(ns / 1e6) + " ms";
  return three_digits(ns / 1e9) + " s";
}

std::string bytes_text(double bytes) {
  if (bytes < 999.5) return three_digits(bytes) + " B";
  if (bytes < 999.5e3) return three_digits(bytes / 1e3) + " kB";
  if (bytes < 999.5e6) return three_digits(bytes / 1e6) + " MB";
  return three_digits(bytes / 1e9) + " GB";
}

std::string percent_text(double share) { return fixed(100 * share, 1) + " %"; }

}  // namespace lamina::tools
