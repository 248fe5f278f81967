// The header of an HDF5 group -> its links, whichever way the file keeps them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/link.hpp"
#include "format/container/hdf5/object_header.hpp"

#include <vector>

namespace lamina::format::hdf5 {

[[nodiscard]] bool is_group(const ObjectHeader& header);

/// By name, each name once. Throws Error{malformed, truncated, unsupported_feature, unsafe_content, limit_exceeded}.
[[nodiscard]] std::vector<Link> read_links(Blocks& blocks, const ObjectHeader& header);

}  // namespace lamina::format::hdf5
