// The start of an HDF5 file -> where its root group's header lies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>

namespace lamina::format::hdf5 {

/// Versions 0 to 3, with the check that the extension asks for nothing special. Throws Error{malformed, truncated,
/// unsupported_feature, limit_exceeded}.
[[nodiscard]] std::uint64_t read_superblock(Blocks& blocks);

}  // namespace lamina::format::hdf5
