// CRCs of the pieces of a stored member, in any order -> the CRC of the whole.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/zip_stored.hpp"

#include "base/fail.hpp"

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace lamina::format {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 18;

}  // namespace

StoredMember::StoredMember(const base::ByteSource& archive, const ZipMember& member)
    : archive_(archive),
      member_(member),
      source_(archive.part(member.data_offset, member.size,
                           [this](std::uint64_t offset, std::span<const std::byte> bytes) { take(offset, bytes); })) {
  if (!member.stored) base::fail(Errc::internal, "zip member " + base::quoted(member.name), "is not stored");
}

void StoredMember::take(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto next = pieces_.upper_bound(offset);
  if (next != pieces_.end() && next->first < offset + bytes.size()) return;
  if (next != pieces_.begin()) {
    auto& [begin, piece] = *std::prev(next);
    if (begin + piece.size > offset) return;
    if (begin + piece.size == offset) {
      piece = {piece.size + bytes.size(), zip_crc(piece.crc, bytes)};
      return;
    }
  }
  pieces_.emplace_hint(next, offset, Piece{bytes.size(), zip_crc(0, bytes)});
}

std::uint32_t StoredMember::extend(std::uint32_t crc, std::uint64_t begin, std::uint64_t end) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(end - begin, kPieceBytes)));
  while (begin < end) {
    const auto piece = std::span(bytes).first(static_cast<std::size_t>(std::min(end - begin, kPieceBytes)));
    archive_.read(member_.data_offset + begin, piece);
    crc = zip_crc(crc, piece);
    begin += piece.size();
  }
  return crc;
}

void StoredMember::check() const {
  std::uint64_t at = 0;
  std::uint32_t crc = 0;
  for (const auto& [begin, piece] : pieces_) {
    crc = extend(crc, at, begin);
    crc = static_cast<std::uint32_t>(::crc32_combine(crc, piece.crc, static_cast<z_off_t>(piece.size)));
    at = begin + piece.size;
  }
  check_crc(member_, extend(crc, at, member_.size));
}

}  // namespace lamina::format
