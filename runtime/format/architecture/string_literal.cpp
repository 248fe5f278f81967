// A string token <-> its characters.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/token.hpp"

namespace lamina::format::architecture {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0U | (code >> 6));
  } else {
    byte(0xE0U | (code >> 12));
    byte(0x80U | ((code >> 6) & 0x3FU));
  }
  byte(0x80U | (code & 0x3FU));
}

/// The digits of \xNN or \uNNNN at `i`, which is moved behind them.
std::uint32_t hex_escape(const Source& source, const Token& token, std::string_view body, std::size_t& i,
                         std::size_t digits) {
  std::uint32_t code = 0;
  for (std::size_t k = 0; k < digits; ++k, ++i) {
    const int digit = i < body.size() ? hex_digit(body[i]) : -1;
    if (digit < 0) source.fail(Errc::malformed, token.at, "a string with a bad \\x or \\u escape");
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  if (code >= 0xD800 && code < 0xE000) source.fail(Errc::malformed, token.at, "a string with half a \\u pair");
  return code;
}

void unescape(const Source& source, const Token& token, std::string_view body, std::size_t& i, std::string& out) {
  const char c = body[i++];
  switch (c) {
    case '\\':
    case '\'':
    case '"':
      out += c;
      return;
    case 'n':
      out += '\n';
      return;
    case 't':
      out += '\t';
      return;
    case 'r':
      out += '\r';
      return;
    case '\n':
      return;
    case 'x':
      append_utf8(out, hex_escape(source, token, body, i, 2));
      return;
    case 'u':
      append_utf8(out, hex_escape(source, token, body, i, 4));
      return;
    default:
      source.fail(Errc::malformed, token.at, "a string with an unknown escape");
  }
}

}  // namespace

std::string string_value(const Source& source, const Token& token) {
  const std::size_t prefix = token.text.find_first_of("'\"");
  bool raw = false;
  for (const char letter : token.text.substr(0, prefix)) {
    const char lower = static_cast<char>(letter | 0x20);
    if (lower == 'f' || lower == 'b') source.fail(Errc::malformed, token.at, "expected a plain string");
    raw = raw || lower == 'r';
  }
  const std::string_view quoted = token.text.substr(prefix);
  const bool triple = quoted.size() >= 6 && quoted[1] == quoted[0] && quoted[2] == quoted[0];
  const std::size_t width = triple ? 3 : 1;
  const std::string_view body = quoted.substr(width, quoted.size() - 2 * width);
  std::string out;
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\' || raw || i + 1 == body.size()) {
      out += body[i++];
    } else {
      unescape(source, token, body, ++i, out);
    }
  }
  return out;
}

std::string quote_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15U]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace lamina::format::architecture
