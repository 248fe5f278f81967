// Bytes of a file -> integers and floats, one byte at a time: no alignment, no aliasing, any host order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace lamina::base {

/// Reads sizeof(T) bytes at `p`, least significant first. The caller has checked that they are there.
template <class T>
[[nodiscard]] constexpr T load_le(const std::byte* p) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | (static_cast<T>(p[i]) << (8 * i)));
  return value;
}

/// Appends sizeof(T) bytes at `p`, least significant first.
template <class T>
constexpr void store_le(T value, std::byte* p) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) p[i] = static_cast<std::byte>(value >> (8 * i));
}

}  // namespace lamina::base
