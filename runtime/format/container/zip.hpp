// A zip archive (.keras, .pt, .npz) -> its members, strictly: what two readers could see differently is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

struct ZipMember {
  std::string name;
  std::uint64_t size = 0;  // uncompressed
  std::uint64_t compressed_size = 0;
  std::uint64_t data_offset = 0;  // of the (compressed) data within the source
  std::uint32_t crc32 = 0;
  bool stored = false;  // method 0: the bytes at data_offset are the member (see zip_stored.hpp)
};

/// The rules of formats.md 3.2: no duplicates, no overlap, no prefix, no encryption, methods 0 and 8 only, central and
/// local headers agree, ratio and total limits. Borrows the source.
class Zip {
 public:
  /// Throws Error{malformed, limit_exceeded, unsupported_feature, unsafe_content}.
  /// `total_bytes`: most uncompressed bytes over all members.
  Zip(const base::ByteSource& source, std::uint64_t total_bytes);

  [[nodiscard]] const std::vector<ZipMember>& members() const noexcept { return members_; }
  [[nodiscard]] const ZipMember* find(std::string_view name) const noexcept;
  /// The whole member, inflated, CRC checked.
  [[nodiscard]] std::vector<std::byte> read(const ZipMember& member) const;

 private:
  const base::ByteSource* source_;
  std::vector<ZipMember> members_;    // in the order of the directory
  std::vector<std::size_t> by_name_;  // indices
};

/// The CRC of bytes that follow those of `crc`; 0 for none.
[[nodiscard]] std::uint32_t zip_crc(std::uint32_t crc, std::span<const std::byte> bytes) noexcept;
/// Throws Error{malformed} where `crc` is not the directory's.
void check_crc(const ZipMember& member, std::uint32_t crc);

/// "PK\3\4" at offset 0.
[[nodiscard]] bool is_zip(const base::ByteSource& source);

}  // namespace lamina::format
