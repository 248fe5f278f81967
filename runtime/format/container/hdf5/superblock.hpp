// The start of an HDF5 file -> where its root group's header lies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>

namespace lamina::format::hdf5 {

struct Superblock {
  std::uint64_t root = 0;
  std::uint64_t extension = kUndefined;  // an object header with settings of the file
};

/// Versions 0 to 3. Throws Error{malformed, truncated, unsupported_feature}.
[[nodiscard]] Superblock read_superblock(Blocks& blocks);

}  // namespace lamina::format::hdf5
