// Version 2 B-trees: nodes of one size, walked with a stack; checksums verified.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/btree2.hpp"

#include "base/checked.hpp"
#include "format/container/hdf5/checksum.hpp"

#include <algorithm>
#include <bit>
#include <span>

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kTree = "version 2 B-tree";
constexpr std::string_view kNode = "version 2 B-tree node";
constexpr std::uint64_t kHeaderBytes = 38;
constexpr std::uint64_t kPrefixBytes = 6;  // signature, version, type
constexpr std::uint16_t kMaxDepth = 16;

/// Bytes that hold a count of up to `most`.
std::size_t bytes_for(std::uint64_t most) { return (static_cast<std::size_t>(std::bit_width(most)) + 7) / 8; }

class TreeReader {
 public:
  TreeReader(Blocks& blocks, std::uint64_t address, RecordType type) : blocks_(blocks), place_{kTree, address} {
    const Block header = blocks.read(address, kHeaderBytes, kTree);
    check_checksum(header.bytes, place_);
    Cursor cursor(header.bytes, place_);
    cursor.expect("BTHD");
    cursor.expect_version(0);
    type_ = cursor.u8();
    if (type_ != static_cast<std::uint8_t>(type)) {
      place_.fail(Errc::malformed, "type", std::to_string(static_cast<int>(type)), std::to_string(type_));
    }
    node_bytes_ = cursor.u32();
    records_.record_bytes = cursor.u16();
    const std::uint16_t depth = cursor.u16();
    if (depth > kMaxDepth) place_.fail(Errc::limit_exceeded, "depth", "at most 16", std::to_string(depth));
    cursor.skip(2);  // when nodes are split and merged
    const std::uint64_t root = cursor.u64();
    const std::uint16_t count = cursor.u16();
    total_ = cursor.u64();
    measure(depth);
    if (count > 0) waiting_.push_back({root, count, depth});
  }

  Records read() {
    while (!waiting_.empty()) {
      const Waiting next = waiting_.back();
      waiting_.pop_back();
      read_node(next);
    }
    const std::uint64_t count = records_.bytes.size() / records_.record_bytes;
    if (count != total_) place_.fail(Errc::malformed, "records", std::to_string(total_), std::to_string(count));
    return std::move(records_);
  }

 private:
  struct Waiting {
    std::uint64_t address;
    std::uint64_t records;
    std::size_t depth;
  };

  /// Records that fit into a node of each depth, and bytes of a pointer to such a node. A pointer's counts are as wide
  /// as the largest value that they can have needs.
  void measure(std::size_t depth) {
    const std::uint64_t around = kPrefixBytes + kChecksumBytes;
    if (records_.record_bytes == 0 || node_bytes_ < around + records_.record_bytes) {
      place_.fail(Errc::malformed, "has nodes without room for a record");
    }
    most_.push_back((node_bytes_ - around) / records_.record_bytes);
    count_bytes_ = bytes_for(most_[0]);
    pointer_bytes_.push_back(8 + count_bytes_);
    base::CheckedU64 below = most_[0];
    for (std::size_t level = 1; level <= depth; ++level) {
      const std::uint64_t pointer = pointer_bytes_.back();
      if (node_bytes_ < around + pointer + records_.record_bytes + pointer) {
        place_.fail(Errc::malformed, "has nodes without room for a record");
      }
      most_.push_back((node_bytes_ - around - pointer) / (records_.record_bytes + pointer));
      below = base::CheckedU64(most_.back() + 1) * below + most_.back();
      pointer_bytes_.push_back(8 + count_bytes_ + bytes_for(below.value()));
    }
  }

  void read_node(const Waiting& node) {
    const Place place{kNode, node.address};
    if (node.records > most_[node.depth]) {
      place.fail(Errc::malformed, "records", "at most " + std::to_string(most_[node.depth]),
                 std::to_string(node.records));
    }
    const std::uint64_t pointers = node.depth == 0 ? 0 : (node.records + 1) * pointer_bytes_[node.depth - 1];
    const std::uint64_t record_bytes = node.records * records_.record_bytes;
    const Block block = blocks_.read(node.address, kPrefixBytes + record_bytes + pointers + kChecksumBytes, kNode);
    check_checksum(block.bytes, place);
    Cursor cursor(block.bytes, place);
    cursor.expect(node.depth == 0 ? "BTLF" : "BTIN");
    cursor.expect_version(0);
    if (cursor.u8() != type_) place.fail(Errc::malformed, "is of another type than its tree");
    blocks_.charge(record_bytes);
    const auto records = cursor.take(record_bytes);
    records_.bytes.insert(records_.bytes.end(), records.begin(), records.end());
    for (std::uint64_t i = 0; node.depth > 0 && i <= node.records; ++i) {
      const std::uint64_t address = cursor.u64();
      const std::uint64_t count = cursor.unsigned_of(count_bytes_);
      cursor.skip(pointer_bytes_[node.depth - 1] - 8 - count_bytes_);  // records of the whole subtree
      waiting_.push_back({address, count, node.depth - 1});
    }
  }

  Blocks& blocks_;
  Place place_;
  std::uint8_t type_ = 0;
  std::uint64_t node_bytes_ = 0;
  std::uint64_t total_ = 0;
  std::size_t count_bytes_ = 0;
  std::vector<std::uint64_t> most_;         // by depth
  std::vector<std::size_t> pointer_bytes_;  // by depth of the node that is pointed to
  std::vector<Waiting> waiting_;
  Records records_;
};

}  // namespace

Records read_records(Blocks& blocks, std::uint64_t address, RecordType type) {
  return TreeReader(blocks, address, type).read();
}

}  // namespace lamina::format::hdf5
