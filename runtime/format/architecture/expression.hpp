// Tokens -> values: literals, names, calls, lists, tuples and arithmetic on numbers; nothing is executed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/scope.hpp"
#include "format/architecture/token.hpp"
#include "format/architecture/value.hpp"

#include <string_view>
#include <vector>

namespace lamina::format::architecture {

/// Depth of a value: bounded by brackets, but `a.b().c()...` grows without them.
inline constexpr std::size_t kMaxDepth = 200;
/// Nodes of all copies of named values together (`a = Sequential(b, b)` doubles at each line).
inline constexpr std::size_t kMaxCopiedNodes = 1'000'000;

/// A place in the tokens, and the expressions that begin there.
class Cursor {
 public:
  Cursor(const Source& source, const std::vector<Token>& tokens) noexcept : source_(source), tokens_(tokens) {}

  [[nodiscard]] const Source& source() const noexcept { return source_; }
  [[nodiscard]] const Token& token(std::size_t ahead = 0) const noexcept;
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  void seek(std::size_t position) noexcept { position_ = position; }
  void next() noexcept { ++position_; }

  [[nodiscard]] bool at(TokenKind kind) const noexcept { return token().kind == kind; }
  /// A sign or name that reads `text`.
  [[nodiscard]] bool at(std::string_view text, std::size_t ahead = 0) const noexcept;
  bool accept(std::string_view text) noexcept;
  void expect(std::string_view text);
  [[nodiscard]] std::string_view expect_name(std::string_view what);
  void expect_end_of_line();
  void skip_line() noexcept;
  [[noreturn]] void fail_expected(std::string_view what) const { source_.fail_expected(token().at, what); }

  /// Names that `scope` knows are replaced by their values. Throws Error{malformed, limit_exceeded}.
  [[nodiscard]] Value expression(Scope& scope);
  /// `(...)` after something callable.
  [[nodiscard]] std::vector<Value> arguments(Scope& scope);

 private:
  [[nodiscard]] Value sum(Scope& scope);
  [[nodiscard]] Value product(Scope& scope);
  [[nodiscard]] Value unary(Scope& scope);
  [[nodiscard]] Value postfix(Scope& scope);
  [[nodiscard]] Value atom(Scope& scope);
  [[nodiscard]] Value name(Scope& scope);
  [[nodiscard]] Value bracketed(Scope& scope);
  [[nodiscard]] Value copy_of(const Value& value, std::size_t at);

  const Source& source_;
  const std::vector<Token>& tokens_;
  std::size_t position_ = 0;
  std::size_t copied_nodes_ = 0;
};

/// A number or string token's value.
[[nodiscard]] Value literal(const Source& source, const Token& token);
/// Integer arithmetic is checked; `/` gives a decimal number, as in Python.
[[nodiscard]] Value arithmetic(const Source& source, const Token& sign, const Value& left, const Value& right);
[[nodiscard]] Value negated(const Source& source, const Token& sign, Value value);

}  // namespace lamina::format::architecture
