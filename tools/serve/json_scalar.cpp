// A JSON value that is neither object nor array.
// SPDX-License-Identifier: Apache-2.0
#include "serve/json_scalar.hpp"

#include "serve/reply.hpp"

#include <charconv>

namespace lamina::serve {

std::string to_string(const JsonScalar& value) {
  if (std::holds_alternative<std::monostate>(value)) return "null";
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* text = std::get_if<std::string_view>(&value)) return in_quotes(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, std::get<double>(value)).ptr};
}

std::optional<std::uint64_t> whole_number(const JsonScalar& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

}  // namespace lamina::serve
