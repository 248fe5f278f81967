// The records of a zip archive -> checked fields: end of central directory, central headers, local headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/zip.hpp"

#include <cstdint>
#include <vector>

namespace lamina::format {

/// Where the central directory lies and how many entries it must have.
struct ZipDirectory {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

/// One entry of the central directory, and where its local header and data lie.
struct ZipEntry {
  ZipMember member;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t local_offset = 0;

  [[nodiscard]] bool is_directory() const noexcept { return member.name.ends_with('/'); }
  [[nodiscard]] bool has_descriptor() const noexcept { return (flags & 8U) != 0; }
  [[nodiscard]] std::uint64_t end() const noexcept { return member.data_offset + member.compressed_size; }
};

/// Finds the only end record, plain or zip64; its comment must end with the file and the directory with it.
[[nodiscard]] ZipDirectory find_zip_directory(const base::ByteSource& source);

/// Entries by the order of the directory; member.data_offset is not known yet.
[[nodiscard]] std::vector<ZipEntry> read_zip_entries(const base::ByteSource& source, const ZipDirectory& directory);

/// Checks the local header of `entry` against it and fills in member.data_offset. `limit`: where data must end.
void check_local_header(const base::ByteSource& source, ZipEntry& entry, std::uint64_t limit);

/// The bytes between the data of `entry` and `next`, where the following record starts: nothing, or a data
/// descriptor with the numbers of the directory.
void check_gap(const base::ByteSource& source, const ZipEntry& entry, std::uint64_t next);

}  // namespace lamina::format
