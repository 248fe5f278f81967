// Offset -> line, column and excerpt.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/source.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace lamina::format::architecture {
namespace {

constexpr std::size_t kExcerptBefore = 60;  // bytes shown on each side of the caret: a terminal's width together
constexpr std::size_t kExcerptAfter = 40;

bool continues_utf8(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

std::size_t line_start(std::string_view text, std::size_t at) noexcept {
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

std::size_t characters(std::string_view text) noexcept {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_utf8));
}

/// The word or sign at `at`: what the reader of the message sees there.
std::string_view word_at(std::string_view text, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  while (end == at || (end < text.size() && continues_utf8(text[end]))) ++end;
  return text.substr(at, end - at);
}

}  // namespace

void Source::fail(Errc code, std::size_t at, std::string_view what) const {
  std::string message(title_);
  if (at == kNowhere) throw Error(code, message.append(message.empty() ? "" : ": ").append(what));
  at = std::min(at, text_.size());
  const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const std::size_t start = line_start(text_, at);
  message += ": line " + std::to_string(line);
  message += ", column " + std::to_string(1 + characters(text_.substr(start, at - start)));
  message.append(": ").append(what);
  throw Error(code, std::move(message), {}, excerpt(at));
}

void Source::fail_expected(std::size_t at, std::string_view expected) const {
  const bool at_end = at >= text_.size();
  const bool at_newline = !at_end && (text_[at] == '\n' || text_[at] == '\r');
  const std::string got = at_end ? "the end" : at_newline ? "the end of the line" : base::quoted(word_at(text_, at));
  fail(Errc::malformed, at, "expected " + std::string(expected) + ", got " + got);
}

std::string Source::excerpt(std::size_t at) const {
  std::size_t begin = line_start(text_, at);
  if (at - begin > kExcerptBefore) begin = at - kExcerptBefore;
  while (begin < at && continues_utf8(text_[begin])) ++begin;
  std::size_t end = std::min(text_.find('\n', at), text_.size());
  end = std::min(end, at + kExcerptAfter);
  while (end > at && end < text_.size() && continues_utf8(text_[end])) --end;
  std::string line, caret;
  for (std::size_t i = begin; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text_[i]);
    const bool control = byte < 0x20 || byte == 0x7F;
    line += control ? ' ' : text_[i];
    if (i < at && !continues_utf8(text_[i])) caret += ' ';
  }
  return line + "\n" + caret + "^";
}

}  // namespace lamina::format::architecture
