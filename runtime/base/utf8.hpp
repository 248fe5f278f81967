// Bytes -> whether they are UTF-8 as Unicode defines it: shortest forms only, no surrogates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace lamina::base {

[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < more) return false;
    // The second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF from the rest.
    const auto second = static_cast<unsigned char>(text[i]);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return false;
    if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return false;
    for (std::size_t last = i + more; i < last; ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80) return false;
    }
  }
  return true;
}

}  // namespace lamina::base
