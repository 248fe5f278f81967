// A link of an HDF5 group -> a name and the address of an object in the same file; any other link is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lamina::format::hdf5 {

struct Link {
  std::string name;
  std::uint64_t address = 0;
  std::optional<std::uint64_t> order;  // of creation, where the file keeps it
};

/// Checks the name (1 to 1024 bytes of UTF-8 without '/' and control characters) and counts its memory.
[[nodiscard]] Link make_link(Blocks& blocks, const Place& place, std::string_view name, std::uint64_t address);

/// A link message. Throws Error{unsupported_feature} for a soft link, Error{unsafe_content} for an external or
/// user-defined one, Error{malformed, limit_exceeded}.
[[nodiscard]] Link parse_link(Blocks& blocks, Cursor cursor);

/// For a group's member that is a soft link.
[[noreturn]] void fail_soft_link(const Place& place, std::string_view name);

}  // namespace lamina::format::hdf5
