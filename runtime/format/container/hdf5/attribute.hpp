// An HDF5 attribute message -> its name and, for texts, its values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/global_heap.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::hdf5 {

/// Parts of a message, which must outlive it.
struct Attribute {
  std::string_view name;
  Place place;
  std::span<const std::byte> type, space, data;
};

/// Versions 1 to 3. Throws Error{malformed, unsupported_feature}.
[[nodiscard]] Attribute parse_attribute(Cursor cursor);

/// What the elements of string attributes are made from.
struct TextSource {
  Blocks& blocks;
  GlobalHeaps& heaps;
  std::uint64_t& left;  // bytes that the texts may still take
};

/// All elements; none whatever the type where there are no elements. Throws Error{dtype} for other types than strings,
/// Error{malformed, truncated, limit_exceeded}.
[[nodiscard]] std::vector<std::string> read_texts(const Attribute& attribute, TextSource source);

}  // namespace lamina::format::hdf5
