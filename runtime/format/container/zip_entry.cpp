// Central and local headers of a zip archive -> entries on which both agree.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/zip_entry.hpp"

#include "base/checked.hpp"
#include "base/little_endian.hpp"
#include "base/utf8.hpp"

#include <span>

namespace lamina::format {
namespace {

using base::CheckedU64;
using base::fail;
using base::load_le;

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kCentralBytes = 46;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kMostEntries = 65535;
constexpr std::uint64_t kMostDirectoryBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostName = 1024;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;
constexpr std::uint32_t kSaturated = 0xFFFFFFFF;
constexpr std::uint16_t kZip64Extra = 1;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string place_of(std::string_view name) { return "zip member " + base::quoted(name); }

bool has_parent_component(std::string_view name) {
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return true;
    begin = end + 1;
  }
  return false;
}

void check_name(std::string_view name) {
  if (name.empty() || name.size() > kMostName)
    fail(Errc::limit_exceeded, "zip archive", "member name is not 1 to 1024 bytes");
  if (name.front() == '/' || has_parent_component(name)) {
    fail(Errc::unsafe_content, place_of(name), "names a place outside the archive");
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\') {
      fail(Errc::unsafe_content, place_of(name), "has a backslash or a control character in its name");
    }
  }
  if (!base::is_utf8(name)) fail(Errc::malformed, place_of(name), "its name is not UTF-8");
}

/// The data of the zip64 field among the extra fields, empty where there is none.
Bytes zip64_extra(Bytes extra, std::string_view name) {
  Bytes found;
  while (!extra.empty()) {
    const std::size_t bytes = extra.size() < 4 ? 0 : load_le<std::uint16_t>(extra.data() + 2);
    if (extra.size() < 4 || extra.size() - 4 < bytes) fail(Errc::malformed, place_of(name), "broken extra field");
    if (load_le<std::uint16_t>(extra.data()) == kZip64Extra) {
      if (!found.empty()) fail(Errc::malformed, place_of(name), "two zip64 fields");
      found = extra.subspan(4, bytes);
    }
    extra = extra.subspan(4 + bytes);
  }
  return found;
}

/// A 32-bit field, or the next eight bytes of the zip64 field where it is saturated.
std::uint64_t widened(std::uint32_t narrow, Bytes& wide, std::string_view name) {
  if (narrow != kSaturated) return narrow;
  if (wide.size() < 8) fail(Errc::malformed, place_of(name), "lacks the zip64 field that its header announces");
  const auto value = load_le<std::uint64_t>(wide.data());
  wide = wide.subspan(8);
  return value;
}

void check_supported(const ZipEntry& entry, std::uint16_t version, std::uint16_t disk) {
  const std::string place = place_of(entry.member.name);
  constexpr unsigned kEncrypted = 1U << 0 | 1U << 6 | 1U << 13;
  constexpr unsigned kAllowed = 3U << 1 | 1U << 3 | 1U << 11;  // deflate's level, data descriptor, UTF-8 name
  if ((entry.flags & kEncrypted) != 0) fail(Errc::unsupported_feature, place, "is encrypted");
  if ((entry.flags & ~kAllowed) != 0 || (version & 0xFFU) > 45 || disk != 0) {
    fail(Errc::unsupported_feature, place, "needs more than stored or deflated data in one file");
  }
  if (entry.method != 0 && entry.method != 8) {
    fail(Errc::unsupported_feature, place, "compression method", "stored (0) or deflate (8)",
         std::to_string(entry.method));
  }
}

void check_sizes(const ZipMember& member) {
  constexpr std::uint64_t kMostRatio = 1032;  // of deflate: 258 bytes for two bits
  constexpr std::uint64_t kUsualRatio = 100;
  constexpr std::uint64_t kFreely = std::uint64_t{1} << 20;
  const std::string place = place_of(member.name);
  if (member.stored && member.size != member.compressed_size) {
    fail(Errc::malformed, place, "is stored, but its two sizes differ");
  }
  if (member.name.back() == '/' && member.size != 0) fail(Errc::malformed, place, "is a directory with data");
  if (member.size / kMostRatio > member.compressed_size) {
    fail(Errc::malformed, place, "declares a size that its data cannot give");
  }
  if (member.size > kFreely && member.size / kUsualRatio > member.compressed_size) {
    fail(Errc::limit_exceeded, place, "is compressed more than 100 times");
  }
}

/// One central header at the front of `directory`, which is moved past it.
ZipEntry take_entry(Bytes& directory) {
  if (directory.size() < kCentralBytes || load_le<std::uint32_t>(directory.data()) != kCentralSignature) {
    fail(Errc::malformed, "zip archive", "broken directory");
  }
  const std::byte* header = directory.data();
  const std::size_t name_bytes = load_le<std::uint16_t>(header + 28), extra_bytes = load_le<std::uint16_t>(header + 30);
  const std::size_t bytes = kCentralBytes + name_bytes + extra_bytes + load_le<std::uint16_t>(header + 32);
  if (directory.size() < bytes) fail(Errc::malformed, "zip archive", "broken directory");
  ZipEntry entry;
  entry.member.name = text_of(directory.subspan(kCentralBytes, name_bytes));
  check_name(entry.member.name);
  entry.flags = load_le<std::uint16_t>(header + 8);
  entry.method = load_le<std::uint16_t>(header + 10);
  entry.member.stored = entry.method == 0;
  entry.member.crc32 = load_le<std::uint32_t>(header + 16);
  Bytes wide = zip64_extra(directory.subspan(kCentralBytes + name_bytes, extra_bytes), entry.member.name);
  entry.member.size = widened(load_le<std::uint32_t>(header + 24), wide, entry.member.name);
  entry.member.compressed_size = widened(load_le<std::uint32_t>(header + 20), wide, entry.member.name);
  entry.local_offset = widened(load_le<std::uint32_t>(header + 42), wide, entry.member.name);
  check_supported(entry, load_le<std::uint16_t>(header + 6), load_le<std::uint16_t>(header + 34));
  check_sizes(entry.member);
  directory = directory.subspan(bytes);
  return entry;
}

/// A local size or CRC beside the directory's: equal, or left to the data descriptor.
void check_same(const ZipEntry& entry, std::uint64_t local, std::uint64_t central) {
  if (local == central || (entry.has_descriptor() && local == 0)) return;
  fail(Errc::malformed, place_of(entry.member.name), "its local header and the directory differ");
}

}  // namespace

std::vector<ZipEntry> read_zip_entries(const base::ByteSource& source, const ZipDirectory& directory) {
  if (directory.entries > kMostEntries || directory.bytes > kMostDirectoryBytes) {
    fail(Errc::limit_exceeded, "zip archive", "directory", "at most 65535 members and 64 MiB",
         std::to_string(directory.entries) + " members, " + std::to_string(directory.bytes) + " bytes");
  }
  const std::vector<std::byte> bytes = source.read(directory.offset, directory.bytes);
  Bytes rest = bytes;
  std::vector<ZipEntry> entries;
  while (!rest.empty()) entries.push_back(take_entry(rest));
  if (entries.size() != directory.entries) {
    fail(Errc::malformed, "zip archive", "number of members", std::to_string(directory.entries),
         std::to_string(entries.size()));
  }
  return entries;
}

void check_local_header(const base::ByteSource& source, ZipEntry& entry, std::uint64_t limit) {
  ZipMember& member = entry.member;
  const std::string place = place_of(member.name);
  const std::vector<std::byte> header = source.read(entry.local_offset, kLocalBytes);
  const std::byte* at = header.data();
  const std::size_t name_bytes = load_le<std::uint16_t>(at + 26), extra_bytes = load_le<std::uint16_t>(at + 28);
  const std::vector<std::byte> rest = source.read(entry.local_offset + kLocalBytes, name_bytes + extra_bytes);
  const Bytes variable = rest;
  if (load_le<std::uint32_t>(at) != kLocalSignature) fail(Errc::malformed, place, "has no local header");
  if (text_of(variable.first(name_bytes)) != member.name || load_le<std::uint16_t>(at + 6) != entry.flags ||
      load_le<std::uint16_t>(at + 8) != entry.method) {
    fail(Errc::malformed, place, "its local header and the directory differ");
  }
  Bytes wide = zip64_extra(variable.subspan(name_bytes), member.name);
  check_same(entry, load_le<std::uint32_t>(at + 14), member.crc32);
  check_same(entry, widened(load_le<std::uint32_t>(at + 22), wide, member.name), member.size);
  check_same(entry, widened(load_le<std::uint32_t>(at + 18), wide, member.name), member.compressed_size);
  member.data_offset = entry.local_offset + kLocalBytes + name_bytes + extra_bytes;
  if ((CheckedU64(member.data_offset) + member.compressed_size).value() > limit) {
    fail(Errc::malformed, place, "its data overlap the next member or the directory");
  }
}

void check_gap(const base::ByteSource& source, const ZipEntry& entry, std::uint64_t next) {
  const ZipMember& member = entry.member;
  const std::uint64_t gap = next - entry.end();
  if (gap == 0 && !entry.has_descriptor()) return;
  const std::string place = place_of(member.name);
  if (!entry.has_descriptor() || (gap != 12 && gap != 16 && gap != 20 && gap != 24)) {
    fail(Errc::malformed, place, "is followed by bytes that belong to no member");
  }
  const std::vector<std::byte> bytes = source.read(entry.end(), gap);
  const std::byte* at = bytes.data();
  const bool has_signature = gap % 8 == 0;  // it is optional; sizes have four bytes each, or eight
  bool same = !has_signature || load_le<std::uint32_t>(at) == kDescriptorSignature;
  if (has_signature) at += 4;
  same = same && load_le<std::uint32_t>(at) == member.crc32;
  const auto size_at = [&](std::uint64_t i) {
    return gap >= 20 ? load_le<std::uint64_t>(at + 4 + 8 * i) : load_le<std::uint32_t>(at + 4 + 4 * i);
  };
  if (!same || size_at(0) != member.compressed_size || size_at(1) != member.size) {
    fail(Errc::malformed, place, "its data descriptor and the directory differ");
  }
}

}  // namespace lamina::format
