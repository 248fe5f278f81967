// Superblocks: 0 and 1 end in the root group's symbol table entry, 2 and 3 in its address and a checksum.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/superblock.hpp"

#include "format/container/hdf5/checksum.hpp"
#include "format/container/hdf5/object_header.hpp"

#include <array>

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kWhat = "superblock";
constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
constexpr std::uint64_t kFixedBytes = 12;    // up to the first field whose place depends on the version
constexpr std::uint64_t kOldBytes = 96;      // version 0
constexpr std::uint64_t kIndexedKBytes = 4;  // that version 1 has more
constexpr std::uint64_t kNewBytes = 48;

void check_sizes(const Place& place, std::uint8_t offsets, std::uint8_t lengths) {
  if (offsets == 8 && lengths == 8) return;
  place.fail(Errc::unsupported_feature, "size of addresses and lengths", "8 and 8 bytes",
             std::to_string(offsets) + " and " + std::to_string(lengths));
}

void check_base(const Place& place, std::uint64_t base) {
  if (base == 0) return;
  place.fail(Errc::unsupported_feature, "base address", "0", std::to_string(base));
}

void check_end(const Blocks& blocks, const Place& place, std::uint64_t end) {
  const std::uint64_t size = blocks.source().size();
  if (end == size) return;
  const bool is_cut = end > size;
  place.fail(is_cut ? Errc::truncated : Errc::malformed,
             is_cut ? "size of the file, which was cut short" : "size of the file, which bytes follow",
             std::to_string(end) + " bytes", std::to_string(size));
}

/// The extension is an object header with settings of the file: those of its free space and of node sizes do not
/// matter.
void check_extension(Blocks& blocks, std::uint64_t address) {
  constexpr std::array<std::pair<MessageType, std::string_view>, 3> kRefused = {
      {{MessageType::shared_table, "shares messages between objects"},
       {MessageType::driver_info, "is split or of a special driver"},
       {MessageType::cache_image, "has a metadata cache image"}}};
  const ObjectHeader header = read_object_header(blocks, address);
  for (const auto& [type, what] : kRefused) {
    if (header.find(type) != nullptr) {
      Place{kWhat, 0}.fail(Errc::unsupported_feature, "the file " + std::string(what));
    }
  }
}

std::uint64_t read_old(const Blocks& blocks, Cursor& cursor, std::uint8_t version) {
  const Place& place = cursor.place();
  if (cursor.u8() != 0 || cursor.u8() != 0) place.fail(Errc::unsupported_feature, "version of its parts is not 0");
  cursor.skip(1);
  if (cursor.u8() != 0) place.fail(Errc::unsupported_feature, "version of its parts is not 0");
  const std::uint8_t offsets = cursor.u8();
  check_sizes(place, offsets, cursor.u8());
  cursor.skip(1 + 2 + 2 + 4 + (version == 1 ? kIndexedKBytes : 0));  // node sizes, which nothing here depends on
  check_base(place, cursor.u64());
  cursor.skip(8);  // free space
  check_end(blocks, place, cursor.u64());
  if (cursor.u64() != kUndefined) {
    place.fail(Errc::unsupported_feature, "has a driver information block: the file is split or of a special driver");
  }
  cursor.skip(8);  // offset of the root's name, which is empty
  return cursor.u64();
}

std::uint64_t read_new(Blocks& blocks, Cursor& cursor) {
  const Place& place = cursor.place();
  const std::uint8_t offsets = cursor.u8();
  check_sizes(place, offsets, cursor.u8());
  if (cursor.u8() != 0) {
    place.fail(
        Errc::unsupported_feature,
        "the file is marked as open for writing: close it where it is written, or clear the mark with h5clear -s");
  }
  check_base(place, cursor.u64());
  const std::uint64_t extension = cursor.u64();
  check_end(blocks, place, cursor.u64());
  const std::uint64_t root = cursor.u64();
  if (extension != kUndefined) check_extension(blocks, extension);
  return root;
}

}  // namespace

std::uint64_t read_superblock(Blocks& blocks) {
  const Place place{kWhat, 0};
  Block block = blocks.read(0, kFixedBytes, kWhat);
  if (Cursor(block.bytes, place).text(kSignature.size()) != kSignature) {
    place.fail(Errc::malformed, "is not there: this is no HDF5 file, or one behind a user block (remove it: h5unjam)");
  }
  const auto version = static_cast<std::uint8_t>(block.bytes[kSignature.size()]);
  if (version > 3) place.fail(Errc::unsupported_feature, "version", "0 to 3", std::to_string(version));
  const std::uint64_t bytes = version > 1 ? kNewBytes : kOldBytes + (version == 1 ? kIndexedKBytes : 0);
  blocks.extend(block, bytes - kFixedBytes, kWhat);
  if (version > 1) check_checksum(block.bytes, place);
  Cursor cursor(block.bytes, place);
  cursor.skip(kSignature.size() + 1);
  return version > 1 ? read_new(blocks, cursor) : read_old(blocks, cursor, version);
}

}  // namespace lamina::format::hdf5
