// Fractal heaps: a doubling table of direct blocks, behind indirect blocks where it has grown; checksums verified.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/fractal_heap.hpp"

#include "format/container/hdf5/btree2.hpp"
#include "format/container/hdf5/checksum.hpp"

#include <algorithm>
#include <bit>

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kHeap = "fractal heap";
constexpr std::string_view kDirect = "direct block";
constexpr std::string_view kIndirect = "indirect block";
constexpr std::string_view kHugeObject = "huge object";
constexpr std::uint64_t kHeaderBytes = 146;
constexpr std::uint8_t kChecksums = 0x02;     // flags
constexpr std::size_t kHugeRecordBytes = 24;  // address, size, ID
constexpr std::uint64_t kMaxHeapBits = 63;
constexpr std::uint64_t kMaxDirect = std::uint64_t{1} << 31;

std::uint64_t log2_of(std::uint64_t value) { return std::uint64_t{std::bit_width(value)} - 1; }
std::size_t bytes_of_bits(std::uint64_t bits) { return static_cast<std::size_t>(bits + 7) / 8; }

}  // namespace

FractalHeap::FractalHeap(Blocks& blocks, std::uint64_t address) : place_{kHeap, address} {
  const Block header = blocks.read(address, kHeaderBytes, kHeap);
  Cursor cursor(header.bytes, place_);
  cursor.expect("FRHP");
  cursor.expect_version(0);
  id_bytes_ = cursor.u16();
  if (cursor.u16() != 0) place_.fail(Errc::unsupported_feature, "is compressed or filtered");
  check_checksum(header.bytes, place_);
  checksums_ = (cursor.u8() & kChecksums) != 0;
  largest_ = cursor.u32();
  cursor.skip(8);  // next huge ID
  huge_tree_ = cursor.u64();
  cursor.skip(80);  // free space, and counts of what is in the heap
  parse_table(cursor);
}

void FractalHeap::parse_table(Cursor& cursor) {
  width_ = cursor.u16();
  first_size_ = cursor.u64();
  largest_direct_ = cursor.u64();
  const std::uint64_t bits = cursor.u16();
  cursor.skip(2);  // rows at the start
  root_ = cursor.u64();
  root_rows_ = cursor.u16();
  const bool powers = std::has_single_bit(width_) && std::has_single_bit(first_size_) &&
                      std::has_single_bit(largest_direct_) && largest_direct_ >= first_size_;
  if (!powers || largest_direct_ > kMaxDirect || bits > kMaxHeapBits || largest_ == 0) {
    place_.fail(Errc::malformed, "has block sizes that are not powers of two, or too large");
  }
  row_bits_ = log2_of(width_) + log2_of(first_size_);
  if (row_bits_ > bits || root_rows_ > bits - row_bits_ + 1) {
    place_.fail(Errc::malformed, "has more rows of blocks than its size allows");
  }
  offset_bytes_ = bytes_of_bits(bits);
  length_bytes_ = std::min(bytes_of_bits(log2_of(largest_direct_)), bytes_of_bits(log2_of(largest_)));
}

Cursor FractalHeap::find(Blocks& blocks, std::span<const std::byte> id) {
  Cursor cursor(id, place_);
  const std::uint8_t head = cursor.u8();
  if (head >> 6 != 0) place_.fail(Errc::unsupported_feature, "version of an ID", "0", std::to_string(head >> 6));
  switch (head >> 4) {
    case 0:
      return find_managed(blocks, cursor);
    case 1:
      return find_huge(blocks, cursor);
    case 2:
      place_.fail(Errc::unsupported_feature, "keeps an object within its ID");
    default:
      place_.fail(Errc::malformed, "has an ID of no known kind");
  }
}

Cursor FractalHeap::find_managed(Blocks& blocks, Cursor id) {
  const std::uint64_t offset = id.unsigned_of(offset_bytes_);
  const std::uint64_t length = id.unsigned_of(length_bytes_);
  const Part part = locate(blocks, offset);
  const Block& block = direct(blocks, part);
  const std::uint64_t at = offset - part.base;
  if (length == 0 || length > largest_ || length > part.size - at) {
    place_.fail(Errc::malformed, "object", "at most " + std::to_string(std::min(largest_, part.size - at)) + " bytes",
                std::to_string(length));
  }
  return {std::span(block.bytes).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(length)),
          {kDirect, block.address}};
}

FractalHeap::Part FractalHeap::locate(Blocks& blocks, std::uint64_t offset) {
  if (root_rows_ == 0) {
    if (offset >= first_size_) place_.fail(Errc::malformed, "has an object beyond its only block");
    return {.address = root_, .base = 0, .size = first_size_};
  }
  std::uint64_t address = root_, base = 0, rows = root_rows_;
  for (;;) {  // each step goes to a block with fewer rows
    const std::uint64_t within = offset - base;
    const std::uint64_t row = std::max<std::uint64_t>(std::bit_width(within), row_bits_) - row_bits_;
    if (row >= rows) place_.fail(Errc::malformed, "has an object beyond its blocks");
    const std::uint64_t row_base = row == 0 ? 0 : std::uint64_t{1} << (row_bits_ + row - 1);
    const std::uint64_t size = row == 0 ? first_size_ : first_size_ << (row - 1);
    const std::uint64_t column = (within - row_base) / size;
    const Block& block = indirect(blocks, address, base, rows);
    Cursor children(block.bytes, {kIndirect, address});
    children.skip(4 + 1 + 8 + offset_bytes_ + 8 * (row * width_ + column));
    address = children.u64();
    base += row_base + column * size;
    if (size <= largest_direct_) return {.address = address, .base = base, .size = size};
    if (log2_of(size) < row_bits_) place_.fail(Errc::malformed, "has an indirect block smaller than a row");
    rows = log2_of(size) - row_bits_ + 1;
  }
}

void FractalHeap::check_owner(Cursor& cursor, std::string_view signature, std::uint64_t base) const {
  cursor.expect(signature);
  cursor.expect_version(0);
  if (cursor.u64() != place_.address) cursor.place().fail(Errc::malformed, "belongs to another heap");
  if (cursor.unsigned_of(offset_bytes_) != base) cursor.place().fail(Errc::malformed, "has another place in its heap");
}

const Block& FractalHeap::direct(Blocks& blocks, const Part& part) {
  if (const auto found = direct_.find(part.base); found != direct_.end()) return found->second;
  Block block = blocks.read(part.address, part.size, kDirect);
  Cursor cursor(block.bytes, {kDirect, part.address});
  check_owner(cursor, "FHDB", part.base);
  if (checksums_) {  // computed while its own field was zero
    const std::size_t at = cursor.at();
    const std::uint32_t stored = cursor.u32();
    std::fill_n(block.bytes.begin() + static_cast<std::ptrdiff_t>(at), kChecksumBytes, std::byte{0});
    if (lookup3(block.bytes) != stored) {
      cursor.place().fail(Errc::malformed, "its checksum is not that of its bytes: the file is damaged");
    }
  }
  return direct_.emplace(part.base, std::move(block)).first->second;
}

const Block& FractalHeap::indirect(Blocks& blocks, std::uint64_t address, std::uint64_t base, std::uint64_t rows) {
  // A block within another one has a larger base, so that a base belongs to one block.
  if (const auto found = indirect_.find(base); found != indirect_.end()) return found->second;
  const std::uint64_t bytes = 4 + 1 + 8 + offset_bytes_ + 8 * rows * width_ + kChecksumBytes;
  Block block = blocks.read(address, bytes, kIndirect);
  Cursor cursor(block.bytes, {kIndirect, address});
  check_owner(cursor, "FHIB", base);
  check_checksum(block.bytes, cursor.place());
  return indirect_.emplace(base, std::move(block)).first->second;
}

Cursor FractalHeap::find_huge(Blocks& blocks, Cursor id) {
  read_huge(blocks);
  const auto huge = huge_.find(id.unsigned_of(std::min<std::size_t>(id.left(), 8)));
  if (huge == huge_.end()) place_.fail(Errc::malformed, "has no huge object of an ID");
  auto& [address, size, block] = huge->second;
  if (block.bytes.empty()) block = blocks.read(address, size, kHugeObject);
  return {block.bytes, {kHugeObject, address}};
}

void FractalHeap::read_huge(Blocks& blocks) {
  if (has_huge_) return;
  const Records records = read_records(blocks, huge_tree_, RecordType::huge_object);
  if (records.record_bytes != kHugeRecordBytes)
    place_.fail(Errc::unsupported_feature, "keeps huge objects in another form");
  for (Cursor cursor(records.bytes, place_); cursor.left() > 0;) {
    const std::uint64_t address = cursor.u64(), size = cursor.u64();
    blocks.charge(sizeof(Huge));
    huge_[cursor.u64()] = {.address = address, .size = size, .block = {}};
  }
  has_huge_ = true;
}

}  // namespace lamina::format::hdf5
