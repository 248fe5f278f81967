// The B-tree and local heap of an old HDF5 group -> its links.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/link.hpp"

#include <vector>

namespace lamina::format::hdf5 {

/// `message`: a symbol table message. In the order of the tree, which is by name. Throws as read_links() does.
[[nodiscard]] std::vector<Link> read_symbol_table(Blocks& blocks, Cursor message);

}  // namespace lamina::format::hdf5
