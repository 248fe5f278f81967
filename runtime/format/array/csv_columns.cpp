// "1-30", "2,4,7-9" or names of columns -> which columns of a csv file are read, in that order.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/csv_columns.hpp"

#include "base/fail.hpp"
#include "format/array/csv_cell.hpp"

#include <algorithm>
#include <charconv>

namespace lamina::format {
namespace {

// A position from 1; 0 where `text` is none, kMostColumns + 1 where it is beyond every file.
std::size_t position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::min(value, kMostColumns + 1) : kMostColumns + 1;
}

[[noreturn]] void fail_columns(std::string_view what) { base::fail(Errc::invalid_argument, "columns", what); }

std::size_t find_name(const std::string& place, const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    base::fail(Errc::shape_mismatch, place,
               "has no column " + base::quoted(name) + base::did_you_mean(name, views.data(), views.size()));
  }
  if (std::find(found + 1, names.end(), name) != names.end()) {
    base::fail(Errc::invalid_argument, place, "has several columns " + base::quoted(name) + ": choose by position");
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

ColumnChoice::Item ColumnChoice::parse(std::string_view text) {
  text = trimmed(text, ',');
  if (text.empty()) fail_columns("has an empty item: use '1-30', '2,4,7-9' or names");
  const std::size_t dash = text.find('-');
  const bool digits = text.find_first_not_of("0123456789-") == std::string_view::npos;
  if (!digits || dash == 0) return {0, 0, std::string(text)};
  const std::size_t first = position(text.substr(0, dash));
  const std::size_t last = dash == std::string_view::npos ? first : position(text.substr(dash + 1));
  if (first == 0 || last < first) fail_columns(base::quoted(text) + " is no range: columns count from 1, as in '2-9'");
  return {first, last, {}};
}

ColumnChoice::ColumnChoice(std::string_view text) {
  if (text.empty()) return;
  while (true) {
    const std::size_t comma = text.find(',');
    items_.push_back(parse(text.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

bool ColumnChoice::by_name() const noexcept {
  return std::any_of(items_.begin(), items_.end(), [](const Item& item) { return item.first == 0; });
}

std::vector<std::size_t> ColumnChoice::resolve(const std::string& place, const std::vector<std::string>& names,
                                               std::size_t columns) const {
  std::vector<std::size_t> chosen;
  std::vector<bool> taken(columns, false);
  const auto take = [&](std::size_t column) {
    if (taken[column]) fail_columns("takes column " + std::to_string(column + 1) + " twice");
    taken[column] = true;
    chosen.push_back(column);
  };
  for (const Item& item : items_) {
    if (item.last > columns) {
      base::fail(Errc::shape_mismatch, place, "columns asked for", "at most " + std::to_string(columns),
                 std::to_string(item.last));
    }
    if (item.first == 0) take(find_name(place, names, item.name));
    for (std::size_t i = item.first; i != 0 && i <= item.last; ++i) take(i - 1);
  }
  for (std::size_t i = 0; all() && i < columns; ++i) take(i);
  return chosen;
}

}  // namespace lamina::format
