// JSON text of nested lists of numbers -> float32 values and their shape.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/tensor.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

struct NumberGrid {
  Shape shape;
  std::vector<float> values;
};

/// A parser of its own beside container/json, whose tree takes 40 bytes a number, whose limits are those of
/// configurations, and whose doubles would be rounded twice.
class GridParser {
 public:
  /// `place` stands in messages, followed by line (from `line` on) and column.
  GridParser(std::string_view text, std::string place, std::size_t line = 1)
      : text_(text), place_(std::move(place)), line_(line) {}

  /// [..], [[..], ..], ... as the whole text; the vectors of `grid` are reused.
  void parse(NumberGrid& grid);
  /// The same, or {"inputs": [..]} or {"instances": [..]}.
  void parse_document(NumberGrid& grid);

 private:
  void array(NumberGrid& grid, std::size_t depth);
  void element(NumberGrid& grid, std::size_t depth);
  void close(NumberGrid& grid, std::size_t depth, std::int64_t count);
  void grid_here(NumberGrid& grid);
  float number();
  std::string_view key();
  void expect_end();
  [[nodiscard]] char peek();
  bool take(char c);
  [[noreturn]] void fail_here(std::string_view what) const;
  [[noreturn]] void fail_expected(std::string_view expected) const;
  [[nodiscard]] std::string position() const;

  std::string_view text_;
  std::string place_;
  std::size_t line_;
  std::size_t at_ = 0;
  std::size_t rank_ = 0;  // 0 until the first number or a whole array shows it
};

}  // namespace lamina::format
