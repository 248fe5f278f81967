// is_utf8 against an encoder: every code point, and every form that must not be taken for one.
// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <string>

using lamina::base::is_utf8;

namespace {

/// `count` bytes with the bits of `point`, whether or not this is its shortest form.
std::string encoded(std::uint32_t point, int count) {
  if (count == 1) return {static_cast<char>(point)};
  constexpr std::uint32_t kLead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t bits = point >> (6 * (count - 1 - i));
    text += static_cast<char>(i == 0 ? kLead[count] | bits : 0x80U | (bits & 0x3FU));
  }
  return text;
}

int shortest(std::uint32_t point) { return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4; }

}  // namespace

TEST_CASE("every code point in its shortest form is UTF-8, surrogates are not") {
  std::uint32_t wrong = 0;
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (is_utf8("a" + encoded(point, shortest(point)) + "b") == surrogate) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("longer forms, code points beyond the last, cut and stray bytes are not UTF-8") {
  CHECK_FALSE(is_utf8(encoded(0x2F, 2)));
  CHECK_FALSE(is_utf8(encoded(0x7FF, 3)));
  CHECK_FALSE(is_utf8(encoded(0xFFFF, 4)));
  CHECK_FALSE(is_utf8(encoded(0x110000, 4)));
  CHECK_FALSE(is_utf8("\x80"));
  CHECK_FALSE(is_utf8("\xff"));
  for (const std::uint32_t point : {0xE9U, 0x20ACU, 0x1F600U}) {
    const std::string text = encoded(point, shortest(point));
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      CHECK_FALSE(is_utf8(text.substr(0, cut)));
      CHECK_FALSE(is_utf8(text.substr(0, cut) + "a" + text.substr(cut + 1)));
    }
  }
  CHECK(is_utf8(""));
}
