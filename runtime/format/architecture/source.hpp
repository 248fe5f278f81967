// Text and an offset into it -> errors that name line and column and show the place with a caret.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lamina::format::architecture {

/// For values that come from no text (a parsed JSON tree): the error then has no line.
inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

/// Borrows the text.
class Source {
 public:
  Source(std::string_view text, std::string_view title) noexcept : text_(text), title_(title) {}

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// Throws Error{code, "architecture text: line 3, column 12: what"} with an excerpt().
  [[noreturn]] void fail(Errc code, std::size_t at, std::string_view what) const;
  /// The same, ending in ": expected E, got G" with the word at `at` as G.
  [[noreturn]] void fail_expected(std::size_t at, std::string_view expected) const;

 private:
  [[nodiscard]] std::string excerpt(std::size_t at) const;

  std::string_view text_;
  std::string_view title_;
};

}  // namespace lamina::format::architecture
