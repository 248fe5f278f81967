// One line of a csv file -> its cells (RFC 4180).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace lamina::format {

struct CsvCell {
  std::string_view text;  // between the quotes, doubled quotes as they stand
  bool quoted = false;
};

/// Walks along a line without copying.
class CsvCells {
 public:
  CsvCells(std::string_view line, char separator) noexcept
      : at_(line.data()),
        end_(line.data() + line.size()),
        separator_(separator),
        plain_(line.find('"') == std::string_view::npos && line.find('\r') == std::string_view::npos) {}

  /// False behind the last cell, and for a cell that breaks the rules: see problem().
  [[nodiscard]] bool next(CsvCell& cell) {
    if (at_ == nullptr) return false;
    if (!plain_) return next_careful(cell);
    const auto* stop = static_cast<const char*>(std::memchr(at_, separator_, static_cast<std::size_t>(end_ - at_)));
    cell = {{at_, static_cast<std::size_t>((stop ? stop : end_) - at_)}, false};
    at_ = stop ? stop + 1 : nullptr;
    return true;
  }
  /// What was wrong with the cell that next() refused; empty: nothing.
  [[nodiscard]] std::string_view problem() const noexcept { return problem_; }

 private:
  bool next_careful(CsvCell& cell);
  bool refuse(std::string_view problem) noexcept;

  const char* at_;  // null behind the last cell
  const char* end_;
  char separator_;
  bool plain_;
  std::string_view problem_;
};

/// Spaces and tabs around it left out, unless they are the separator.
[[nodiscard]] std::string_view trimmed(std::string_view text, char separator) noexcept;
/// The cell as text: trimmed, doubled quotes made single.
[[nodiscard]] std::string text_of(const CsvCell& cell, char separator);

}  // namespace lamina::format
