// Name -> its numbers, and what is left without them.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind/numbered.hpp"

#include <cstddef>

namespace lamina::format {

Numbered numbered(std::string_view name) {
  constexpr std::size_t kMostDigits = 18;  // fit in 64 bits
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  Numbered result;
  for (std::size_t i = 0; i < name.size();) {
    if (!is_digit(name[i])) {
      result.skeleton += name[i++];
      continue;
    }
    std::uint64_t number = 0;
    for (std::size_t digits = 0; i < name.size() && is_digit(name[i]) && digits < kMostDigits; ++i, ++digits) {
      number = number * 10 + static_cast<std::uint64_t>(name[i] - '0');
    }
    result.skeleton += '#';
    result.numbers.push_back(number);
  }
  return result;
}

}  // namespace lamina::format
