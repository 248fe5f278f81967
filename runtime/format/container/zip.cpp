// A zip archive -> its members, with ranges that do not overlap and contents that match their CRC.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/zip.hpp"

#include "base/checked.hpp"
#include "base/little_endian.hpp"
#include "format/container/zip_entry.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

std::string place_of(const ZipMember& member) { return "zip member " + base::quoted(member.name); }

/// Every byte before the directory belongs to one member: no prefix, no overlap, no gap.
void check_layout(const base::ByteSource& source, std::vector<ZipEntry>& entries, const ZipDirectory& directory) {
  std::vector<ZipEntry*> order;
  order.reserve(entries.size());
  for (ZipEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const ZipEntry* a, const ZipEntry* b) { return a->local_offset < b->local_offset; });
  if ((order.empty() ? directory.offset : order.front()->local_offset) != 0) {
    fail(Errc::malformed, "zip archive", "does not start with a member: bytes were put in front");
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t next = i + 1 < order.size() ? order[i + 1]->local_offset : directory.offset;
    check_local_header(source, *order[i], next);
    check_gap(source, *order[i], next);
  }
}

void check_names(const std::vector<ZipEntry>& entries) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const ZipEntry& entry : entries) names.push_back(entry.member.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) fail(Errc::malformed, "zip member " + base::quoted(*twice), "occurs twice");
}

/// zlib's raw inflate over a member, with an output of exactly the declared size.
class Inflater {
 public:
  Inflater() {
    stream_.next_out = &nothing_;
    if (::inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  void set_output(std::span<std::byte> out) noexcept { out_ = out; }
  /// True at the end of the stream.
  bool feed(const ZipMember& member, std::span<std::byte> in);
  [[nodiscard]] bool exhausted() const noexcept { return stream_.avail_in == 0; }
  [[nodiscard]] bool filled() const noexcept { return out_.empty() && stream_.avail_out == 0; }

 private:
  unsigned char nothing_ = 0;  // where an empty member "goes": zlib refuses a null pointer
  z_stream stream_ = {};
  std::span<std::byte> out_;
};

bool Inflater::feed(const ZipMember& member, std::span<std::byte> in) {
  stream_.next_in = reinterpret_cast<unsigned char*>(in.data());
  stream_.avail_in = static_cast<unsigned>(in.size());
  while (true) {
    if (stream_.avail_out == 0 && !out_.empty()) {  // zlib counts in 32 bits
      const std::size_t count = std::min(out_.size(), std::size_t{1} << 30);
      stream_.next_out = reinterpret_cast<unsigned char*>(out_.data());
      stream_.avail_out = static_cast<unsigned>(count);
      out_ = out_.subspan(count);
    }
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) return true;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_BUF_ERROR && stream_.avail_in == 0) return false;
    if (result != Z_OK) fail(Errc::malformed, place_of(member), "its compressed data are damaged or too long");
  }
}

void inflate_member(const base::ByteSource& source, const ZipMember& member, std::span<std::byte> out) {
  Inflater inflater;
  inflater.set_output(out);
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, member.compressed_size)));
  bool ended = false;
  for (std::uint64_t done = 0; done < member.compressed_size && !ended;) {
    const std::uint64_t count = std::min<std::uint64_t>(piece.size(), member.compressed_size - done);
    const std::span<std::byte> in = std::span(piece).first(static_cast<std::size_t>(count));
    source.read(member.data_offset + done, in);
    done += count;
    ended = inflater.feed(member, in);
    if (ended && (!inflater.exhausted() || done != member.compressed_size)) {
      fail(Errc::malformed, place_of(member), "bytes follow its compressed data");
    }
  }
  if (!ended || !inflater.filled()) fail(Errc::malformed, place_of(member), "its compressed data end too early");
}

}  // namespace

std::uint32_t zip_crc(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
  return static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

void check_crc(const ZipMember& member, std::uint32_t crc) {
  if (crc != member.crc32) fail(Errc::malformed, place_of(member), "is damaged: its CRC does not match");
}

Zip::Zip(const base::ByteSource& source, std::uint64_t total_bytes) : source_(&source) {
  const ZipDirectory directory = find_zip_directory(source);
  std::vector<ZipEntry> entries = read_zip_entries(source, directory);
  check_names(entries);
  check_layout(source, entries, directory);
  base::CheckedU64 total = 0;
  for (ZipEntry& entry : entries) {
    total = total + entry.member.size;
    if (!entry.is_directory()) members_.push_back(std::move(entry.member));
  }
  if (total > total_bytes) {
    fail(Errc::limit_exceeded, "zip archive", "uncompressed size", "at most " + std::to_string(total_bytes) + " bytes",
         std::to_string(total.value()));
  }
  for (std::size_t i = 0; i < members_.size(); ++i) by_name_.push_back(i);
  std::sort(by_name_.begin(), by_name_.end(),
            [&](std::size_t a, std::size_t b) { return members_[a].name < members_[b].name; });
}

const ZipMember* Zip::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [&](std::size_t index, std::string_view n) { return members_[index].name < n; });
  return found == by_name_.end() || members_[*found].name != name ? nullptr : &members_[*found];
}

std::vector<std::byte> Zip::read(const ZipMember& member) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(member.size));
  if (member.stored) {
    source_->read(member.data_offset, bytes);
  } else {
    inflate_member(*source_, member, bytes);
  }
  check_crc(member, zip_crc(0, bytes));
  return bytes;
}

bool is_zip(const base::ByteSource& source) {
  return source.size() >= 4 && base::load_le<std::uint32_t>(source.read(0, 4).data()) == 0x04034b50;
}

}  // namespace lamina::format
