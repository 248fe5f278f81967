// Dense storage: the records of a B-tree by name hold heap IDs, the heap holds the messages.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/dense.hpp"

namespace lamina::format::hdf5 {
namespace {

constexpr std::uint8_t kHasOrder = 0x01;  // flags of the info message
constexpr std::uint8_t kShared = 0x02;    // flags of an attribute's record

constexpr std::size_t kHashBytes = 4;
constexpr std::size_t kAttributeBytes = 1 + 4 + kHashBytes;  // flags, creation order, hash: what follows the heap ID

std::span<const std::byte> heap_id(Cursor& record, RecordType type, std::size_t id_bytes) {
  if (type == RecordType::link_name) {
    record.skip(kHashBytes);
    return record.take(id_bytes);
  }
  const auto id = record.take(id_bytes);
  if ((record.u8() & kShared) != 0) record.place().fail(Errc::unsupported_feature, "has a shared attribute");
  record.skip(kAttributeBytes - 1);
  return id;
}

}  // namespace

Dense read_dense(Blocks& blocks, const Message& info) {
  const bool links = info.type == MessageType::link_info;
  const RecordType type = links ? RecordType::link_name : RecordType::attribute_name;
  Cursor cursor = info.cursor();
  cursor.expect_version(0);
  if ((cursor.u8() & kHasOrder) != 0) cursor.skip(links ? 8 : 2);  // largest creation index
  const std::uint64_t heap = cursor.u64();
  const std::uint64_t tree = cursor.u64();
  Dense dense;
  if (heap == kUndefined) return dense;
  dense.heap.emplace(blocks, heap);
  const Records records = read_records(blocks, tree, type);
  const std::size_t id_bytes = dense.heap->id_bytes();
  const Place place{"version 2 B-tree", tree};
  if (records.record_bytes != id_bytes + (links ? kHashBytes : kAttributeBytes)) {
    place.fail(Errc::malformed, "bytes of a record", std::to_string(id_bytes) + " and those of a key",
               std::to_string(records.record_bytes));
  }
  for (Cursor record(records.bytes, place); record.left() > 0;) {
    const Cursor object = dense.heap->find(blocks, heap_id(record, type, id_bytes));
    blocks.charge(sizeof(Message));
    dense.messages.push_back(
        {.type = links ? MessageType::link : MessageType::attribute, .place = object.place(), .body = object.rest()});
  }
  return dense;
}

}  // namespace lamina::format::hdf5
