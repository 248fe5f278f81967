// Global heap collections: objects one after the other, the free space last.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/global_heap.hpp"

#include <algorithm>

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kWhat = "global heap";
constexpr std::uint64_t kHeaderBytes = 16;  // of the collection, and of each object
constexpr std::uint64_t kObjectBytes = 64;  // of memory that an entry of the map takes

std::uint64_t padded(std::uint64_t bytes, std::uint64_t left) { return std::min(bytes + (8 - bytes % 8) % 8, left); }

}  // namespace

GlobalHeaps::Collection GlobalHeaps::read(Blocks& blocks, std::uint64_t address) {
  const Place place{kWhat, address};
  Collection collection{.block = blocks.read(address, kHeaderBytes, kWhat), .objects = {}};
  Cursor head(collection.block.bytes, place);
  head.expect("GCOL");
  head.expect_version(1);
  head.skip(3);
  const std::uint64_t bytes = head.u64();
  if (bytes < kHeaderBytes) place.fail(Errc::malformed, "size", "at least 16", std::to_string(bytes));
  blocks.extend(collection.block, bytes - kHeaderBytes, kWhat);
  Cursor cursor(collection.block.bytes, place);
  cursor.skip(kHeaderBytes);
  while (cursor.left() >= kHeaderBytes) {
    const std::uint16_t index = cursor.u16();
    if (index == 0) break;  // free space
    cursor.skip(2 + 4);     // references, reserved
    const std::uint64_t size = cursor.u64();
    const std::string_view object = cursor.text(size);
    cursor.skip(padded(size, size + cursor.left()) - size);
    blocks.charge(kObjectBytes);
    if (!collection.objects.emplace(index, object).second) {
      place.fail(Errc::malformed, "has two objects " + std::to_string(index));
    }
  }
  return collection;
}

std::string_view GlobalHeaps::find(Blocks& blocks, std::uint64_t address, std::uint32_t index) {
  auto collection = collections_.find(address);
  if (collection == collections_.end()) collection = collections_.emplace(address, read(blocks, address)).first;
  const auto object = collection->second.objects.find(index);
  if (object == collection->second.objects.end()) {
    Place{kWhat, address}.fail(Errc::malformed, "has no object " + std::to_string(index));
  }
  return object->second;
}

}  // namespace lamina::format::hdf5
