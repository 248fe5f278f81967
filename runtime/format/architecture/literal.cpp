// Numbers as text -> values, and arithmetic on them that cannot overflow unseen.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/expression.hpp"

#include <charconv>
#include <cmath>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

bool is_number(const Value& value) noexcept { return value.is(Kind::integer) || value.is(Kind::real); }
double as_real(const Value& value) noexcept {
  return value.is(Kind::integer) ? static_cast<double>(value.integer) : value.real;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

[[noreturn]] void fail_overflow(const Source& source, std::size_t at) {
  source.fail(Errc::limit_exceeded, at, "a number beyond 64 bits");
}

Value integer_arithmetic(const Source& source, const Token& sign, std::int64_t a, std::int64_t b, std::size_t at) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (sign.text.size() == 2 ? 'f' : sign.text[0]) {
    case '+':
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case '-':
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case '*':
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case 'f':
      overflow = b == -1 && __builtin_sub_overflow(std::int64_t{0}, a, &result);
      if (b != -1) result = floor_divide(a, b);
      break;
    default:
      return {.kind = Kind::real, .at = at, .real = static_cast<double>(a) / static_cast<double>(b)};
  }
  if (overflow) fail_overflow(source, at);
  return make_integer(result, at);
}

}  // namespace

Value literal(const Source& source, const Token& token) {
  if (token.kind == TokenKind::string) {
    return {.kind = Kind::string, .at = token.at, .text = string_value(source, token)};
  }
  std::string digits;
  for (const char c : token.text) {
    if (c != '_') digits += c;
  }
  const char* const end = digits.data() + digits.size();
  if (token.kind == TokenKind::integer) {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end) fail_overflow(source, token.at);
    return make_integer(value, token.at);
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) {
    source.fail(Errc::malformed, token.at, "a number that is malformed or out of range");
  }
  return {.kind = Kind::real, .at = token.at, .real = value};
}

Value arithmetic(const Source& source, const Token& sign, const Value& left, const Value& right) {
  if (!is_number(left) || !is_number(right)) {
    const Value& culprit = is_number(left) ? right : left;
    source.fail(Errc::unsupported_feature, sign.at,
                "'" + std::string(sign.text) + "' works on numbers, not on " + describe(culprit));
  }
  const bool divides = sign.text[0] == '/';
  if (divides && as_real(right) == 0) source.fail(Errc::invalid_argument, sign.at, "division by zero");
  if (left.is(Kind::integer) && right.is(Kind::integer)) {
    return integer_arithmetic(source, sign, left.integer, right.integer, left.at);
  }
  const double a = as_real(left), b = as_real(right);
  const double quotient = divides ? a / b : 0;
  double result = sign.text == "//" ? std::floor(quotient) : quotient;
  if (sign.text == "+") result = a + b;
  if (sign.text == "-") result = a - b;
  if (sign.text == "*") result = a * b;
  return {.kind = Kind::real, .at = left.at, .real = result};
}

Value negated(const Source& source, const Token& sign, Value value) {
  if (!is_number(value)) {
    source.fail(Errc::malformed, sign.at, "'-' works on numbers, not on " + describe(value));
  }
  if (value.is(Kind::integer) && __builtin_sub_overflow(std::int64_t{0}, value.integer, &value.integer)) {
    fail_overflow(source, value.at);
  }
  value.real = -value.real;
  value.at = sign.at;
  return value;
}

}  // namespace lamina::format::architecture
