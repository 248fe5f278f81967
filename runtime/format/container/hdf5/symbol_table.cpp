// Version 1 B-trees of symbol table nodes, walked with a stack of addresses.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/symbol_table.hpp"

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kTree = "B-tree node";
constexpr std::string_view kNode = "symbol table node";
constexpr std::string_view kHeap = "local heap";

constexpr std::uint64_t kTreeBytes = 24;
constexpr std::uint64_t kNodeBytes = 8;
constexpr std::uint64_t kEntryBytes = 40;
constexpr std::uint64_t kHeapBytes = 32;
constexpr std::uint8_t kMaxLevel = 16;
constexpr std::uint32_t kSoftLink = 2;  // cache type of an entry

/// The names of a group.
class LocalHeap {
 public:
  LocalHeap(Blocks& blocks, std::uint64_t address) : place_{kHeap, address} {
    const Block header = blocks.read(address, kHeapBytes, kHeap);
    Cursor cursor(header.bytes, place_);
    cursor.expect("HEAP");
    cursor.expect_version(0);
    cursor.skip(3);
    const std::uint64_t bytes = cursor.u64();
    cursor.skip(8);  // free list
    names_ = blocks.read(cursor.u64(), bytes, kHeap);
  }

  [[nodiscard]] std::string_view name(std::uint64_t offset) const {
    const std::string_view all(reinterpret_cast<const char*>(names_.bytes.data()), names_.bytes.size());
    const std::size_t end = offset < all.size() ? all.find('\0', static_cast<std::size_t>(offset)) : all.npos;
    if (end == all.npos) {
      place_.fail(Errc::malformed, "name that ends within", std::to_string(all.size()) + " bytes",
                  "one at " + std::to_string(offset));
    }
    return all.substr(static_cast<std::size_t>(offset), end - static_cast<std::size_t>(offset));
  }

 private:
  Place place_;
  Block names_;
};

class TreeReader {
 public:
  TreeReader(Blocks& blocks, std::uint64_t tree, std::uint64_t heap) : blocks_(blocks), heap_(blocks, heap) {
    push_children(tree, std::nullopt);
  }

  std::vector<Link> read() {
    while (!waiting_.empty()) {
      const Waiting next = waiting_.back();
      waiting_.pop_back();
      next.level == 0 ? read_node(next.address) : push_children(next.address, next.level - 1);
    }
    return std::move(links_);
  }

 private:
  /// A node of the tree of `level - 1`, or a symbol table node for 0.
  struct Waiting {
    std::uint64_t address;
    int level;
  };

  void push_children(std::uint64_t address, std::optional<int> expected_level) {
    const Place place{kTree, address};
    Block block = blocks_.read(address, kTreeBytes, kTree);
    Cursor cursor(block.bytes, place);
    cursor.expect("TREE");
    if (cursor.u8() != 0) place.fail(Errc::malformed, "is not one of a group");
    const std::uint8_t level = cursor.u8();
    if (level > kMaxLevel) place.fail(Errc::limit_exceeded, "level", "at most 16", std::to_string(level));
    if (expected_level && level != *expected_level) {
      place.fail(Errc::malformed, "level", std::to_string(*expected_level), std::to_string(level));
    }
    const std::uint64_t count = cursor.u16();
    blocks_.extend(block, (2 * count + 1) * 8, kTree);  // a key before, between and after the children
    for (std::uint64_t i = count; i-- > 0;) {
      waiting_.push_back({base::load_le<std::uint64_t>(block.bytes.data() + kTreeBytes + 16 * i + 8), level});
    }
  }

  void read_node(std::uint64_t address) {
    Block block = blocks_.read(address, kNodeBytes, kNode);
    const Place place{kNode, address};
    Cursor head(block.bytes, place);
    head.expect("SNOD");
    head.expect_version(1);
    head.skip(1);
    const std::uint64_t count = head.u16();
    blocks_.extend(block, count * kEntryBytes, kNode);
    Cursor cursor(block.bytes, place);
    cursor.skip(kNodeBytes);
    for (std::uint64_t i = 0; i < count; ++i) read_entry(cursor);
  }

  void read_entry(Cursor& cursor) {
    const std::string_view name = heap_.name(cursor.u64());
    const std::uint64_t header = cursor.u64();
    const std::uint32_t cache = cursor.u32();
    cursor.skip(4 + 16);  // reserved; a copy of what the header says
    if (cache == kSoftLink) fail_soft_link(cursor.place(), name);
    links_.push_back(make_link(blocks_, cursor.place(), name, header));
  }

  Blocks& blocks_;
  LocalHeap heap_;
  std::vector<Waiting> waiting_;
  std::vector<Link> links_;
};

}  // namespace

std::vector<Link> read_symbol_table(Blocks& blocks, Cursor message) {
  const std::uint64_t tree = message.u64();
  return TreeReader(blocks, tree, message.u64()).read();
}

}  // namespace lamina::format::hdf5
