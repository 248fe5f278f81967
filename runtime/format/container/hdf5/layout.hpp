// An HDF5 data layout message -> where the elements of a dataset lie.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/cursor.hpp"

#include <cstdint>
#include <span>

namespace lamina::format::hdf5 {

struct Layout {
  bool compact = false;
  std::span<const std::byte> data;     // compact: the elements themselves
  std::uint64_t address = kUndefined;  // contiguous: their place in the file; undefined where none was written
  std::uint64_t bytes = 0;
};

/// Compact and contiguous. Throws Error{unsupported_feature} for chunks with a hint, Error{unsafe_content} for a
/// virtual dataset, Error{malformed}.
[[nodiscard]] Layout parse_layout(Cursor cursor);

}  // namespace lamina::format::hdf5
