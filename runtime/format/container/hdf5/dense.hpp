// The index of links or attributes that an HDF5 object keeps outside of its header -> their messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/btree2.hpp"
#include "format/container/hdf5/fractal_heap.hpp"
#include "format/container/hdf5/object_header.hpp"

#include <optional>
#include <vector>

namespace lamina::format::hdf5 {

struct Dense {
  std::optional<FractalHeap> heap;  // what the messages point into
  std::vector<Message> messages;
};

/// `info`: a link info or attribute info message. Nothing where all are in the header. In no order. Throws
/// Error{malformed, truncated, unsupported_feature, limit_exceeded}.
[[nodiscard]] Dense read_dense(Blocks& blocks, const Message& info);

}  // namespace lamina::format::hdf5
