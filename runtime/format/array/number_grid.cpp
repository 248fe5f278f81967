// JSON text of nested lists of numbers -> float32 values and their shape.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/number_grid.hpp"

#include "base/fail.hpp"
#include "format/array/number.hpp"

#include <algorithm>
#include <cstdint>

namespace lamina::format {
namespace {

constexpr std::size_t kMostDepth = 8;
constexpr std::int64_t kUnknown = -1;

// JSON's grammar is narrower than from_chars's: no leading zeros or plus, digits on both sides of the point.
bool is_json_number(std::string_view text) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - start;
  };
  const bool zero = i < text.size() && text[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] | 0x20) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

}  // namespace

void GridParser::parse(NumberGrid& grid) {
  grid_here(grid);
  expect_end();
}

void GridParser::parse_document(NumberGrid& grid) {
  if (!take('{')) return parse(grid);
  const std::string_view name = key();
  if (name != "inputs" && name != "instances") {
    fail_here("key " + base::quoted(name) + ": expected \"inputs\" or \"instances\"");
  }
  if (!take(':')) fail_expected("':'");
  grid_here(grid);
  if (peek() == ',') fail_here("a second key: expected \"inputs\" or \"instances\" alone");
  if (!take('}')) fail_expected("'}'");
  expect_end();
}

void GridParser::grid_here(NumberGrid& grid) {
  grid.shape.clear();
  grid.values.clear();
  rank_ = 0;
  if (peek() != '[') fail_expected("'['");
  array(grid, 1);
}

// Recursion is bounded by kMostDepth.
void GridParser::array(NumberGrid& grid, std::size_t depth) {
  if (depth > kMostDepth || (rank_ != 0 && depth > rank_)) {
    if (rank_ == 0) base::fail(Errc::limit_exceeded, position(), "lists are nested deeper than 8");
    fail_expected("a number");
  }
  ++at_;
  if (grid.shape.size() < depth) grid.shape.push_back(kUnknown);
  if (peek() == ']') fail_here("empty list: expected numbers");
  std::int64_t count = 0;
  do {
    element(grid, depth);
    ++count;
  } while (take(','));
  if (!take(']')) fail_expected("',' or ']'");
  close(grid, depth, count);
}

void GridParser::element(NumberGrid& grid, std::size_t depth) {
  if (peek() == '[') return array(grid, depth + 1);
  if (rank_ == 0 && depth == grid.shape.size()) {
    rank_ = depth;
  } else if (rank_ != depth) {
    fail_expected("'['");
  }
  grid.values.push_back(number());
}

void GridParser::close(NumberGrid& grid, std::size_t depth, std::int64_t count) {
  std::int64_t& length = grid.shape[depth - 1];
  if (length == kUnknown) length = count;
  if (length != count) {
    base::fail(Errc::shape_mismatch, position(), "length of the list", std::to_string(length) + " as in the first",
               std::to_string(count));
  }
}

float GridParser::number() {
  const std::size_t start = at_;
  const auto part = [](char c) { return is_digit(c) || c == '-' || c == '+' || c == '.' || (c | 0x20) == 'e'; };
  while (at_ < text_.size() && part(text_[at_])) ++at_;
  const std::string_view token = text_.substr(start, at_ - start);
  at_ = start;  // messages point at its start
  if (token.size() > kMostNumberChars) base::fail(Errc::limit_exceeded, position(), "number is longer than 512 bytes");
  if (!is_json_number(token)) fail_expected("a number");
  const ParsedNumber parsed = parse_number(token);
  if (parsed.kind == NumberKind::overflow) fail_here(base::quoted(token) + " is beyond the range of float32");
  at_ = start + token.size();
  return parsed.value;
}

std::string_view GridParser::key() {
  if (!take('"')) fail_expected("a key");
  const std::size_t start = at_;
  at_ = std::min(text_.find('"', start), text_.size());
  const std::string_view name = text_.substr(start, at_ - start);
  if (!take('"')) fail_expected("'\"'");
  return name;
}

void GridParser::expect_end() {
  if (peek() != '\0' || at_ != text_.size()) fail_expected("the end");
}

// The next character that is no white space; 0 at the end (and for a zero byte, which nothing accepts).
char GridParser::peek() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool GridParser::take(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

void GridParser::fail_here(std::string_view what) const { base::fail(Errc::malformed, position(), what); }

void GridParser::fail_expected(std::string_view expected) const {
  if (at_ >= text_.size()) {
    base::fail(Errc::truncated, position(), "ends too early: expected " + std::string(expected));
  }
  const std::string_view rest = text_.substr(at_, 24);
  const std::string_view token = rest.substr(0, std::max<std::size_t>(1, rest.find_first_of("[]{},: \r\n\t")));
  base::fail(Errc::malformed, position(), "expected " + std::string(expected) + ", got " + base::quoted(token));
}

std::string GridParser::position() const {
  const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return place_ + ": line " + std::to_string(line_ + lines) + ", column " + std::to_string(before.size() - start + 1);
}

}  // namespace lamina::format
