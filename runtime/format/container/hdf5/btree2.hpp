// Address of a version 2 B-tree in an HDF5 file -> its records.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lamina::format::hdf5 {

enum class RecordType : std::uint8_t { huge_object = 1, link_name = 5, attribute_name = 8 };

struct Records {
  std::size_t record_bytes = 0;
  std::vector<std::byte> bytes;  // of all records, one after the other
};

/// In no order. Throws Error{malformed, truncated, limit_exceeded, unsupported_feature}.
[[nodiscard]] Records read_records(Blocks& blocks, std::uint64_t address, RecordType type);

}  // namespace lamina::format::hdf5
