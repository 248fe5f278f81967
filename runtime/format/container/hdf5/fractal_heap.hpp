// A fractal heap of an HDF5 file and a heap ID -> the link or attribute that is kept outside of its header.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace lamina::format::hdf5 {

/// Keeps each block that was read; the objects point into them.
class FractalHeap {
 public:
  /// Throws Error{unsupported_feature} for a filtered heap, Error{malformed, truncated, limit_exceeded}.
  FractalHeap(Blocks& blocks, std::uint64_t address);

  [[nodiscard]] std::size_t id_bytes() const noexcept { return id_bytes_; }
  /// Throws as the constructor.
  [[nodiscard]] Cursor find(Blocks& blocks, std::span<const std::byte> id);

 private:
  struct Part {
    std::uint64_t address = 0;
    std::uint64_t base = 0;  // offset in the heap's own space
    std::uint64_t size = 0;
  };

  void parse_table(Cursor& cursor);
  Cursor find_managed(Blocks& blocks, Cursor id);
  Cursor find_huge(Blocks& blocks, Cursor id);
  void read_huge(Blocks& blocks);
  [[nodiscard]] Part locate(Blocks& blocks, std::uint64_t offset);
  const Block& direct(Blocks& blocks, const Part& part);
  const Block& indirect(Blocks& blocks, std::uint64_t address, std::uint64_t base, std::uint64_t rows);
  void check_owner(Cursor& cursor, std::string_view signature, std::uint64_t base) const;

  struct Huge {
    std::uint64_t address = 0, size = 0;
    Block block;  // empty until it is asked for
  };

  Place place_;
  std::size_t id_bytes_ = 0;
  bool checksums_ = false;     // of direct blocks
  std::uint64_t largest_ = 0;  // managed object
  std::uint64_t huge_tree_ = kUndefined;
  std::uint64_t width_ = 0;       // blocks in a row of the doubling table
  std::uint64_t first_size_ = 0;  // bytes of a block of the rows 0 and 1; each further row has twice as much
  std::uint64_t row_bits_ = 0;    // log2 of the bytes of row 0
  std::uint64_t largest_direct_ = 0;
  std::size_t offset_bytes_ = 0;
  std::size_t length_bytes_ = 0;
  std::uint64_t root_ = kUndefined;
  std::uint64_t root_rows_ = 0;                       // 0: the root is a direct block
  std::map<std::uint64_t, Block> direct_, indirect_;  // by base
  std::map<std::uint64_t, Huge> huge_;                // by ID
  bool has_huge_ = false;
};

}  // namespace lamina::format::hdf5
