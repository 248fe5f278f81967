// A stored member of a zip archive -> its bytes, read once at any offsets, and whether all of them have its CRC.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/zip.hpp"

#include <cstdint>
#include <map>
#include <span>

namespace lamina::format {

class StoredMember {
 public:
  /// Borrows both. Throws Error{internal} for a compressed member.
  StoredMember(const base::ByteSource& archive, const ZipMember& member);
  StoredMember(const StoredMember&) = delete;
  StoredMember& operator=(const StoredMember&) = delete;

  /// The member's bytes. What is read is remembered by its CRC; a read that meets an earlier one is not, so that
  /// check() reads its new bytes again.
  [[nodiscard]] const base::ByteSource& source() const noexcept { return source_; }

  /// Reads what nobody has read yet. Throws Error{malformed} where the bytes are not those of the directory's CRC:
  /// until then nothing that was read may be believed.
  void check() const;

 private:
  struct Piece {
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  void take(std::uint64_t offset, std::span<const std::byte> bytes);
  [[nodiscard]] std::uint32_t extend(std::uint32_t crc, std::uint64_t begin, std::uint64_t end) const;

  const base::ByteSource& archive_;
  const ZipMember& member_;
  std::map<std::uint64_t, Piece> pieces_;  // by offset, none overlaps another
  base::ByteSource source_;
};

}  // namespace lamina::format
