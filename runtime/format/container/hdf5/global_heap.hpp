// References to the global heaps of an HDF5 file -> the bytes that they mean: strings of variable length.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>
#include <map>
#include <string_view>

namespace lamina::format::hdf5 {

/// Keeps each collection that was read.
class GlobalHeaps {
 public:
  /// The object `index` of the collection at `address`. Throws Error{malformed, truncated, limit_exceeded}.
  [[nodiscard]] std::string_view find(Blocks& blocks, std::uint64_t address, std::uint32_t index);

 private:
  struct Collection {
    Block block;
    std::map<std::uint32_t, std::string_view> objects;
  };

  static Collection read(Blocks& blocks, std::uint64_t address);

  std::map<std::uint64_t, Collection> collections_;
};

}  // namespace lamina::format::hdf5
