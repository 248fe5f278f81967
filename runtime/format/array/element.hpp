// Elements of an npy file, of any type and byte order -> float32 or integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lamina::format {

enum class ElementKind : std::uint8_t { boolean, signed_integer, unsigned_integer, floating };

struct ElementType {
  ElementKind kind = ElementKind::floating;
  std::size_t size = 4;
  bool big_endian = false;
};

/// "<f4" and its like, numpy's `descr`. Throws Error{dtype} that says what is read.
[[nodiscard]] ElementType parse_element_type(const std::string& place, std::string_view text);

/// Rounded to nearest; integers beyond 2^24 too. bytes.size() must be out.size() * type.size, and the bytes are
/// overwritten. Throws Error{dtype} for a float64 beyond float32, Error{malformed} for a bool that is neither 0 nor 1.
void decode(ElementType type, std::span<std::byte> bytes, std::span<float> out);
/// Exact: Error{dtype} for a float that is no integer, or an integer beyond int64.
void decode(ElementType type, std::span<std::byte> bytes, std::span<std::int64_t> out);

}  // namespace lamina::format
