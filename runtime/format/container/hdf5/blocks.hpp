// Addresses in an HDF5 file -> blocks of bytes, each read for one structure only and within a budget.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/hdf5/cursor.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace lamina::format::hdf5 {

struct Block {
  std::uint64_t address = 0;
  std::vector<std::byte> bytes;
};

/// No byte belongs to two structures: a file whose pointers meet again, in a loop or under another kind, ends in an
/// Error, so that reading takes time in proportion to the file whatever it holds.
class Blocks {
 public:
  /// `budget`: bytes that may be kept of the file's structures, all together.
  Blocks(const base::ByteSource& source, std::uint64_t budget) : source_(&source), budget_(budget), left_(budget) {}

  [[nodiscard]] const base::ByteSource& source() const noexcept { return *source_; }

  /// Reads a structure. Throws Error{truncated} beyond the end of the file, Error{malformed} where another structure
  /// has one of these bytes, Error{limit_exceeded}.
  [[nodiscard]] Block read(std::uint64_t address, std::uint64_t count, std::string_view what);
  /// Reads the bytes that follow the block and appends them.
  void extend(Block& block, std::uint64_t count, std::string_view what);
  /// Makes the bytes of a dataset its own without reading them.
  void claim(std::uint64_t address, std::uint64_t count, std::string_view what);
  /// Reserves memory for something that is made of the file's structures.
  void charge(std::uint64_t bytes);

 private:
  const base::ByteSource* source_;
  std::uint64_t budget_;
  std::uint64_t left_;
  std::map<std::uint64_t, std::uint64_t> claimed_;  // begin -> end
};

}  // namespace lamina::format::hdf5
