// Names and contents -> a zip archive of stored members, as torch.save and numpy.savez write them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/pickle_writer.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::test {

inline constexpr auto kCrcOfByte = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
    table[byte] = crc;
  }
  return table;
}();

inline std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : text) crc = (crc >> 8) ^ kCrcOfByte[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

inline std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string body, directory;
  for (const auto& [name, content] : members) {
    // Version 2.0, no flags, method 0, date 1980-01-01; then CRC, two sizes, two lengths.
    const std::string fields = little_endian(20, 2) + little_endian(0, 6) + little_endian(0x21, 2) +
                               little_endian(crc32(content), 4) + little_endian(content.size(), 4) +
                               little_endian(content.size(), 4) + little_endian(name.size(), 2) + little_endian(0, 2);
    directory += "PK\1\2" + little_endian(20, 2) + fields + little_endian(0, 10) + little_endian(body.size(), 4) + name;
    body += "PK\3\4" + fields + name + content;
  }
  const std::string count = little_endian(members.size(), 2);
  return body + directory + "PK\5\6" + little_endian(0, 4) + count + count + little_endian(directory.size(), 4) +
         little_endian(body.size(), 4) + little_endian(0, 2);
}

}  // namespace lamina::test
