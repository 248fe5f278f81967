// Recursive descent over brackets, whose depth the lexer bounds.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/expression.hpp"

#include "base/fail.hpp"

#include <limits>

namespace lamina::format::architecture {

const Token& Cursor::token(std::size_t ahead) const noexcept {
  const std::size_t last = tokens_.size() - 1;  // the end token
  return tokens_[std::min(position_ + ahead, last)];
}

bool Cursor::at(std::string_view text, std::size_t ahead) const noexcept {
  const Token& here = token(ahead);
  return (here.kind == TokenKind::sign || here.kind == TokenKind::name) && here.text == text;
}

bool Cursor::accept(std::string_view text) noexcept {
  if (!at(text)) return false;
  next();
  return true;
}

void Cursor::expect(std::string_view text) {
  if (!accept(text)) fail_expected("'" + std::string(text) + "'");
}

std::string_view Cursor::expect_name(std::string_view what) {
  if (!at(TokenKind::name)) fail_expected(what);
  const std::string_view text = token().text;
  next();
  return text;
}

void Cursor::expect_end_of_line() {
  if (at(";")) return next();
  if (at(TokenKind::end)) return;
  if (!at(TokenKind::newline)) fail_expected("the end of the line");
  next();
}

void Cursor::skip_line() noexcept {
  while (!at(TokenKind::newline) && !at(TokenKind::end)) next();
  if (at(TokenKind::newline)) next();
}

Value Cursor::expression(Scope& scope) { return sum(scope); }

Value Cursor::sum(Scope& scope) {
  Value left = product(scope);
  while (at("+") || at("-")) {
    const Token& sign = token();
    next();
    left = arithmetic(source_, sign, left, product(scope));
  }
  return left;
}

Value Cursor::product(Scope& scope) {
  Value left = unary(scope);
  while (at("*") || at("/") || at("//")) {
    const Token& sign = token();
    next();
    left = arithmetic(source_, sign, left, unary(scope));
  }
  return left;
}

Value Cursor::unary(Scope& scope) {
  const Token* negative = nullptr;
  while (at("-") || at("+")) {
    if (at("-")) negative = negative == nullptr ? &token() : nullptr;
    next();
  }
  Value value = postfix(scope);
  return negative == nullptr ? value : negated(source_, *negative, std::move(value));
}

Value Cursor::postfix(Scope& scope) {
  Value value = atom(scope);
  std::size_t levels = 0;
  while (at("(") || at(".") || at("[")) {
    if (++levels > kMaxDepth) source_.fail(Errc::limit_exceeded, token().at, "a chain of calls that is too long");
    Value outer{.at = value.at};
    if (at("(")) {
      outer.kind = Value::Kind::call;
      outer.items = arguments(scope);
      outer.items.insert(outer.items.begin(), std::move(value));
    } else if (accept(".")) {
      outer.kind = Value::Kind::attribute;
      outer.text = expect_name("a name");
      outer.items.push_back(std::move(value));
    } else {
      next();
      outer.kind = Value::Kind::subscript;
      outer.items.push_back(std::move(value));
      outer.items.push_back(expression(scope));
      expect("]");
    }
    value = std::move(outer);
  }
  if (levels > 0 && depth(value) > kMaxDepth) {
    source_.fail(Errc::limit_exceeded, value.at, "an expression nested too deeply");
  }
  return value;
}

Value Cursor::atom(Scope& scope) {
  const Token& here = token();
  switch (here.kind) {
    case TokenKind::integer:
    case TokenKind::real:
    case TokenKind::string:
      next();
      return literal(source_, here);
    case TokenKind::name:
      return name(scope);
    default:
      break;
  }
  if (at("(") || at("[")) return bracketed(scope);
  fail_expected("a value");
}

Value Cursor::name(Scope& scope) {
  constexpr std::string_view kKeywords[] = {"lambda", "if", "else", "for", "not", "and", "or", "in", "await", "yield"};
  const Token& first = token();
  for (const std::string_view keyword : kKeywords) {
    if (first.text == keyword) source_.fail(Errc::malformed, first.at, "'" + std::string(keyword) + "' is not read");
  }
  next();
  std::string text(first.text);
  if (text == "None") return {.kind = Value::Kind::none, .at = first.at};
  if (text == "True" || text == "False") {
    return {.kind = Value::Kind::boolean, .at = first.at, .integer = text == "True"};
  }
  while (at(".") && token(1).kind == TokenKind::name) {
    if (const Value* known = scope.find(text); known != nullptr && !known->is(Value::Kind::name)) break;
    next();
    text.append(".").append(token().text);
    next();
  }
  if (const Value* known = scope.find(text)) {
    scope.mark_read(text);
    return copy_of(*known, first.at);
  }
  if (const Value* given = scope.take_argument(text)) return copy_of(*given, first.at);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "inf" || text == "math.inf") return {.kind = Value::Kind::real, .at = first.at, .real = kInfinity};
  if (text == "nan" || text == "math.nan") {
    return {.kind = Value::Kind::real, .at = first.at, .real = std::numeric_limits<double>::quiet_NaN()};
  }
  return make_name(std::move(text), first.at);
}

Value Cursor::copy_of(const Value& value, std::size_t where) {
  copied_nodes_ += node_count(value);
  if (copied_nodes_ > kMaxCopiedNodes || depth(value) > kMaxBrackets)
    source_.fail(Errc::limit_exceeded, where, "named values grow too large");
  Value copy = value;
  copy.at = where;
  return copy;
}

Value Cursor::bracketed(Scope& scope) {
  const bool is_list = at("[");
  const std::string_view close = is_list ? "]" : ")";
  Value value{.kind = is_list ? Value::Kind::list : Value::Kind::tuple, .at = token().at};
  next();
  bool comma = false;
  while (!at(close)) {
    value.items.push_back(expression(scope));
    if (at(close)) break;
    if (!at(",")) fail_expected("',' or '" + std::string(close) + "'");
    next();
    comma = true;
  }
  expect(close);
  if (!is_list && value.items.size() == 1 && !comma) {
    Value only = std::move(value.items.front());
    return only;
  }
  return value;
}

std::vector<Value> Cursor::arguments(Scope& scope) {
  std::vector<Value> values;
  expect("(");
  while (!at(")")) {
    if (accept("*")) {  // nn.Sequential(*layers)
      Value sequence = expression(scope);
      if (!sequence.is_sequence()) source_.fail(Errc::malformed, sequence.at, "expected a list after '*'");
      for (Value& item : sequence.items) values.push_back(std::move(item));
    } else {
      std::string keyword;
      const std::size_t keyword_at = token().at;
      if (at(TokenKind::name) && at("=", 1)) {
        keyword = token().text;
        next();
        next();
      }
      values.push_back(expression(scope));
      if (keyword.empty() && !values.empty() && values.size() > 1 && !values[values.size() - 2].keyword.empty()) {
        source_.fail(Errc::malformed, keyword_at, "an argument without a name after one with a name");
      }
      values.back().keyword = std::move(keyword);
    }
    if (at(")")) break;
    if (!at(",")) fail_expected("',' or ')'");
    next();
  }
  expect(")");
  return values;
}

}  // namespace lamina::format::architecture
