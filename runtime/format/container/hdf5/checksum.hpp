// Bytes of an HDF5 structure -> whether the checksum at its end is theirs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/cursor.hpp"

#include <cstdint>
#include <span>

namespace lamina::format::hdf5 {

inline constexpr std::size_t kChecksumBytes = 4;

/// Bob Jenkins' lookup3 (hashlittle), seed 0.
[[nodiscard]] std::uint32_t lookup3(std::span<const std::byte> bytes) noexcept;

/// Throws Error{malformed} unless the last four bytes are the checksum of those before.
void check_checksum(std::span<const std::byte> bytes, const Place& place);

}  // namespace lamina::format::hdf5
