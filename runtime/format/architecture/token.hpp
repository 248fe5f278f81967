// Architecture text -> Python's tokens, with their places.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::architecture {

enum class TokenKind : std::uint8_t { name, integer, real, string, sign, newline, indent, dedent, end };

struct Token {
  TokenKind kind;
  std::string_view text;  // of the source, quotes included
  std::size_t at;
};

/// Comments dropped; newlines inside brackets too. Ends with newline (unless empty), dedents, end.
/// No bracket closes another kind, and they are at most kMaxBrackets deep, which bounds every recursion over them.
/// `unclosed` is the place of the last bracket that stays open: an error, but the parser may find an earlier one.
/// Throws Error{malformed, limit_exceeded}.
[[nodiscard]] std::vector<Token> tokenize(const Source& source, std::optional<std::size_t>& unclosed);
/// Throws Error{malformed} where a bracket stayed open.
void check_closed(const Source& source, const std::optional<std::size_t>& unclosed);

/// A Sequential(OrderedDict([("name", ...)])) takes four; 16 of them nested and a layer's own tuples fit.
inline constexpr std::size_t kMaxBrackets = 96;
/// About fifty for each of 10000 layers, the default limit, and some text around them.
inline constexpr std::size_t kMaxTokens = 1'000'000;

/// What a string token stands for. Throws Error{malformed} for a bad escape and for f and b strings.
[[nodiscard]] std::string string_value(const Source& source, const Token& token);
/// `text` in double quotes, as string_value reads it back.
[[nodiscard]] std::string quote_string(std::string_view text);

}  // namespace lamina::format::architecture
