// "1-30", "2,4,7-9" or names of columns -> which columns of a csv file are read, in that order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

inline constexpr std::size_t kMostColumns = 1'000'000;

class ColumnChoice {
 public:
  /// Empty: all. Throws Error{invalid_argument}.
  explicit ColumnChoice(std::string_view text);

  [[nodiscard]] bool all() const noexcept { return items_.empty(); }
  /// Whether a name is among them, so that a header is needed.
  [[nodiscard]] bool by_name() const noexcept;
  /// Indices from 0. Throws Error{shape_mismatch, invalid_argument} for columns that are not there or are taken twice.
  [[nodiscard]] std::vector<std::size_t> resolve(const std::string& place, const std::vector<std::string>& names,
                                                 std::size_t columns) const;

 private:
  struct Item {
    std::size_t first = 0;  // from 1; 0: by name
    std::size_t last = 0;
    std::string name;
  };
  static Item parse(std::string_view text);

  std::vector<Item> items_;
};

}  // namespace lamina::format
