// Characters -> tokens, by Python's rules for lines, brackets and indentation.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/token.hpp"

#include <algorithm>
#include <array>

namespace lamina::format::architecture {
namespace {

constexpr std::size_t kTab = 8;  // Python's
constexpr std::size_t kMaxIndents = 100;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool starts_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) noexcept { return starts_name(c) || is_digit(c); }
char closing(char open) noexcept { return open == '(' ? ')' : open == '[' ? ']' : '}'; }

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text()) {}

  std::vector<Token> run(std::optional<std::size_t>& unclosed) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;  // byte order mark
    while (at_ < text_.size()) step();
    if (!open_.empty()) unclosed = open_.back();
    end_line();
    for (std::size_t i = 1; i < indents_.size(); ++i) add(TokenKind::dedent, 0);
    add(TokenKind::end, 0);
    return std::move(tokens_);
  }

 private:
  void step() {
    if (line_begins_ && open_.empty() && !indentation()) return;
    line_begins_ = false;
    const char c = text_[at_];
    if (c == '\n') return end_of_line();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\f') return void(++at_);
    if (c == '#') return skip_comment();
    if (c == '\\') return join_lines();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (const std::size_t prefix = string_prefix(); prefix < 3) return string(prefix);
    if (starts_name(c)) return name();
    sign();
  }

  /// False at a blank line or comment, which has no indentation.
  bool indentation() {
    std::size_t width = 0, i = at_;
    for (; i < text_.size() && (text_[i] == ' ' || text_[i] == '\t'); ++i) {
      width = text_[i] == '\t' ? (width / kTab + 1) * kTab : width + 1;
    }
    at_ = i;
    if (i == text_.size()) return false;
    if (text_[i] == '\n' || text_[i] == '\r' || text_[i] == '#') return line_begins_ = false, true;
    if (width > indents_.back()) {
      if (indents_.size() >= kMaxIndents) source_.fail(Errc::limit_exceeded, at_, "indented too often");
      indents_.push_back(width);
      add(TokenKind::indent, 0);
    }
    while (width < indents_.back()) {
      indents_.pop_back();
      add(TokenKind::dedent, 0);
    }
    if (width != indents_.back()) source_.fail(Errc::malformed, at_, "indentation that fits no line above");
    return true;
  }

  void end_of_line() {
    if (open_.empty()) {
      end_line();
      line_begins_ = true;
    }
    ++at_;
  }

  void end_line() {
    const bool has_content = !tokens_.empty() && tokens_.back().kind != TokenKind::newline &&
                             tokens_.back().kind != TokenKind::indent && tokens_.back().kind != TokenKind::dedent;
    if (has_content) add(TokenKind::newline, 0);
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void join_lines() {
    std::size_t next = at_ + 1;
    if (peek(1) == '\r') ++next;
    if (next >= text_.size() || text_[next] != '\n') source_.fail(Errc::malformed, at_, "unexpected '\\'");
    at_ = next + 1;
  }

  void number() {
    std::size_t end = at_;
    bool real = false;
    while (end < text_.size()) {
      const char c = text_[end];
      const bool exponent_sign = (c == '+' || c == '-') && end > at_ && (text_[end - 1] | 0x20) == 'e';
      if (!is_digit(c) && c != '.' && c != '_' && (c | 0x20) != 'e' && !exponent_sign) break;
      real = real || (!is_digit(c) && c != '_');
      ++end;
    }
    if (end < text_.size() && continues_name(text_[end])) source_.fail(Errc::malformed, end, "not a number");
    add(real ? TokenKind::real : TokenKind::integer, end - at_);
  }

  /// Length of a string's prefix letters; 3 where no string begins here.
  std::size_t string_prefix() const noexcept {
    for (std::size_t length = 0; length < 3; ++length) {
      const char c = peek(length);
      if (c == '\'' || c == '"') return length;
      if (std::string_view("rRbBuUfF").find(c) == std::string_view::npos) break;
    }
    return 3;
  }

  void string(std::size_t prefix) {
    const char quote = text_[at_ + prefix];
    const std::string_view triple = text_.substr(at_ + prefix, 3);
    const bool is_triple = triple.size() == 3 && triple[1] == quote && triple[2] == quote;
    const std::string_view close = is_triple ? triple : triple.substr(0, 1);
    std::size_t i = at_ + prefix + close.size();
    while (i < text_.size() && text_.substr(i, close.size()) != close) {
      if (text_[i] == '\n' && !is_triple) break;
      i += text_[i] == '\\' ? 2 : 1;
    }
    if (i >= text_.size() || text_.substr(i, close.size()) != close) {
      source_.fail(Errc::malformed, at_, "a string that does not end: expected " + std::string(close));
    }
    add(TokenKind::string, i + close.size() - at_);
  }

  void name() {
    std::size_t end = at_;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    add(TokenKind::name, end - at_);
  }

  void sign() {
    constexpr std::array<std::string_view, 7> kPairs = {"**", "//", "->", "==", "!=", "<=", ">="};
    const char c = text_[at_];
    if (c == '(' || c == '[' || c == '{') {
      if (open_.size() >= kMaxBrackets) source_.fail(Errc::limit_exceeded, at_, "brackets nested too deeply");
      open_.push_back(at_);
    } else if (c == ')' || c == ']' || c == '}') {
      if (open_.empty()) source_.fail(Errc::malformed, at_, "'" + std::string(1, c) + "' closes nothing");
      const char expected = closing(text_[open_.back()]);
      if (c != expected) source_.fail_expected(at_, "'" + std::string(1, expected) + "'");
      open_.pop_back();
    } else if (std::string_view(".,:=+-*/%@<>!&|^~;").find(c) == std::string_view::npos || c == '\0') {
      source_.fail(Errc::malformed, at_, "unexpected " + base::quoted(text_.substr(at_, 1)));
    }
    const bool pair = std::find(kPairs.begin(), kPairs.end(), text_.substr(at_, 2)) != kPairs.end();
    add(TokenKind::sign, pair ? 2 : 1);
  }

  void add(TokenKind kind, std::size_t length) {
    if (tokens_.size() >= kMaxTokens) source_.fail(Errc::limit_exceeded, at_, "too many words");
    tokens_.push_back({kind, text_.substr(at_, length), at_});
    at_ += length;
  }

  char peek(std::size_t ahead) const noexcept { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool line_begins_ = true;
  std::vector<std::size_t> open_;  // places of the brackets that are open
  std::vector<std::size_t> indents_ = {0};
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const Source& source, std::optional<std::size_t>& unclosed) {
  return Lexer(source).run(unclosed);
}

void check_closed(const Source& source, const std::optional<std::size_t>& unclosed) {
  if (!unclosed) return;
  const char open = source.text()[*unclosed];
  source.fail(Errc::malformed, *unclosed,
              "'" + std::string(1, open) + "' is never closed: expected '" + closing(open) + "', got the end");
}

}  // namespace lamina::format::architecture
