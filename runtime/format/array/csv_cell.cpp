// One line of a csv file -> its cells (RFC 4180).
// SPDX-License-Identifier: Apache-2.0
#include "format/array/csv_cell.hpp"

namespace lamina::format {

bool CsvCells::refuse(std::string_view problem) noexcept {
  problem_ = problem;
  at_ = nullptr;
  return false;
}

// A line with quotes or a carriage return within.
bool CsvCells::next_careful(CsvCell& cell) {
  const char* stop = at_;
  if (at_ == end_ || *at_ != '"') {
    for (; stop != end_ && *stop != separator_; ++stop) {
      if (*stop == '"') return refuse("has a quote that does not open the cell");
      if (*stop == '\r') return refuse("has a carriage return outside quotes: lines end with LF or CRLF");
    }
    cell = {{at_, static_cast<std::size_t>(stop - at_)}, false};
  } else {
    for (++stop; stop != end_; ++stop) {
      if (*stop != '"') continue;
      if (stop + 1 == end_ || stop[1] != '"') break;
      ++stop;
    }
    if (stop == end_) return refuse("has a quote that is never closed");
    cell = {{at_ + 1, static_cast<std::size_t>(stop - at_ - 1)}, true};
    if (++stop != end_ && *stop != separator_) return refuse("has text behind its closing quote");
  }
  at_ = stop == end_ ? nullptr : stop + 1;
  return true;
}

std::string_view trimmed(std::string_view text, char separator) noexcept {
  const auto blank = [separator](char c) { return (c == ' ' || c == '\t') && c != separator; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string text_of(const CsvCell& cell, char separator) {
  std::string text;
  for (std::string_view rest = trimmed(cell.text, separator); !rest.empty(); rest.remove_prefix(1)) {
    if (cell.quoted && rest.starts_with("\"\"")) rest.remove_prefix(1);
    text += rest.front();
  }
  return text;
}

}  // namespace lamina::format
