// The last bytes of a zip archive -> where its central directory lies.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "base/little_endian.hpp"
#include "format/container/zip_entry.hpp"

#include <algorithm>

namespace lamina::format {
namespace {

using base::CheckedU64;
using base::fail;
using base::load_le;

constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocatorBytes = 20;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kMostComment = 0xFFFF;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kLocatorSignature = 0x07064b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;

/// Offset of the end record. Two that fit would be two archives in one file.
std::uint64_t find_end(const base::ByteSource& source) {
  if (source.size() < kEndBytes) fail(Errc::truncated, "zip archive", "is shorter than an end record");
  const std::uint64_t count = std::min(source.size(), kEndBytes + kMostComment);
  const std::uint64_t first = source.size() - count;
  const std::vector<std::byte> tail = source.read(first, count);
  std::uint64_t found = count;
  for (std::uint64_t at = 0; at + kEndBytes <= count; ++at) {
    const std::byte* record = tail.data() + at;
    if (load_le<std::uint32_t>(record) != kEndSignature) continue;
    if (at + kEndBytes + load_le<std::uint16_t>(record + 20) != count) continue;
    if (found != count) fail(Errc::malformed, "zip archive", "has two end records");
    found = at;
  }
  if (found == count && !is_zip(source)) fail(Errc::malformed, "zip archive", "has neither start nor end of one");
  if (found == count) {
    fail(Errc::truncated, "zip archive", "has no end record in its last bytes: it was cut short, or bytes follow it");
  }
  return first + found;
}

void check_agrees(std::uint64_t narrow, std::uint64_t saturated, std::uint64_t wide, std::string_view what) {
  if (narrow == saturated || narrow == wide) return;
  fail(Errc::malformed, "zip archive", std::string(what) + " of the end record and of the zip64 end record differ");
}

struct End {
  std::uint64_t offset;  // of the record that the directory must reach
  ZipDirectory directory;
};

/// The zip64 record that the locator before `end` names, in agreement with the plain one.
End read_end64(const base::ByteSource& source, const std::byte* end, std::uint64_t end_offset) {
  const std::vector<std::byte> locator = source.read(end_offset - kLocatorBytes, kLocatorBytes);
  const std::uint64_t offset = load_le<std::uint64_t>(locator.data() + 8);
  if (load_le<std::uint32_t>(locator.data() + 4) != 0 || load_le<std::uint32_t>(locator.data() + 16) > 1) {
    fail(Errc::unsupported_feature, "zip archive", "is split over several files");
  }
  if ((CheckedU64(offset) + kEnd64Bytes + kLocatorBytes).value() != end_offset) {
    fail(Errc::malformed, "zip archive", "its zip64 end record is not where its locator says");
  }
  const std::vector<std::byte> record = source.read(offset, kEnd64Bytes);
  const auto field = [&](std::size_t at) { return load_le<std::uint64_t>(record.data() + at); };
  if (load_le<std::uint32_t>(record.data()) != kEnd64Signature || field(4) != kEnd64Bytes - 12) {
    fail(Errc::malformed, "zip archive", "has a broken zip64 end record");
  }
  if (field(16) != 0) fail(Errc::unsupported_feature, "zip archive", "is split over several files");
  if (field(24) != field(32)) fail(Errc::malformed, "zip archive", "its two entry counts differ");
  check_agrees(load_le<std::uint16_t>(end + 10), 0xFFFF, field(32), "entry count");
  check_agrees(load_le<std::uint32_t>(end + 12), 0xFFFFFFFF, field(40), "directory size");
  check_agrees(load_le<std::uint32_t>(end + 16), 0xFFFFFFFF, field(48), "directory offset");
  return {offset, {.offset = field(48), .bytes = field(40), .entries = field(32)}};
}

bool has_locator(const base::ByteSource& source, std::uint64_t end_offset) {
  if (end_offset < kLocatorBytes) return false;
  return load_le<std::uint32_t>(source.read(end_offset - kLocatorBytes, 4).data()) == kLocatorSignature;
}

End read_end(const base::ByteSource& source) {
  const std::uint64_t offset = find_end(source);
  const std::vector<std::byte> record = source.read(offset, kEndBytes);
  const std::byte* end = record.data();
  const auto disk = load_le<std::uint16_t>(end + 4), directory_disk = load_le<std::uint16_t>(end + 6);
  const auto here = load_le<std::uint16_t>(end + 8), entries = load_le<std::uint16_t>(end + 10);
  if (has_locator(source, offset)) return read_end64(source, end, offset);
  if (disk != 0 || directory_disk != 0) {
    fail(Errc::unsupported_feature, "zip archive", "is split over several files");
  }
  if (here != entries) fail(Errc::malformed, "zip archive", "its two entry counts differ");
  const auto bytes = load_le<std::uint32_t>(end + 12), first = load_le<std::uint32_t>(end + 16);
  if (entries == 0xFFFF || bytes == 0xFFFFFFFF || first == 0xFFFFFFFF) {
    fail(Errc::malformed, "zip archive", "needs a zip64 end record and has none");
  }
  return {offset, {.offset = first, .bytes = bytes, .entries = entries}};
}

}  // namespace

ZipDirectory find_zip_directory(const base::ByteSource& source) {
  const End end = read_end(source);
  if ((CheckedU64(end.directory.offset) + end.directory.bytes).value() != end.offset) {
    fail(Errc::malformed, "zip archive",
         "its directory does not lie directly before the end record: bytes were put in front, between or left out");
  }
  return end.directory;
}

}  // namespace lamina::format
