// A zip archive -> its members' names, contents and places; stored_zip() makes an archive of them again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/zip.hpp"
#include "support/stored_zip.hpp"

#include <lamina/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::fuzz {

struct ZipMembers {
  std::vector<std::pair<std::string, std::string>> contents;  // by name
  std::vector<std::pair<std::size_t, std::size_t>> places;    // begin and end of each one's data within the archive
};

/// nullopt for what is no zip.
inline std::optional<ZipMembers> zip_members(std::string_view file) {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  const base::ByteSource source = base::ByteSource::over(test::as_bytes(file));
  if (!format::is_zip(source)) return std::nullopt;
  try {
    const format::Zip zip(source, kMostBytes);
    ZipMembers members;
    for (const format::ZipMember& member : zip.members()) {
      const std::vector<std::byte> content = zip.read(member);
      members.contents.emplace_back(member.name,
                                    std::string(reinterpret_cast<const char*>(content.data()), content.size()));
      members.places.emplace_back(member.data_offset, member.data_offset + member.compressed_size);
    }
    return members;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace lamina::fuzz
