// An HDF5 datatype message -> the element types that weights and texts use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/half.hpp"
#include "format/container/hdf5/cursor.hpp"

#include <cstdint>
#include <string>

namespace lamina::format::hdf5 {

enum class TypeClass : std::uint8_t { integer, floating, fixed_text, variable_text, opaque };
enum class TextPadding : std::uint8_t { null_terminated, null_padded, space_padded };

struct Datatype {
  TypeClass type_class = TypeClass::opaque;
  std::uint32_t size = 0;                              // bytes of an element
  bool big_endian = false;                             // integer, floating
  bool is_signed = false;                              // integer
  base::FloatType float_type = base::FloatType::f32;   // floating
  TextPadding padding = TextPadding::null_terminated;  // texts
};

/// "int64", "a string".
[[nodiscard]] std::string to_string(const Datatype& type);

/// Throws Error{dtype} that names a class or format that is not among these, Error{malformed, unsupported_feature}.
[[nodiscard]] Datatype parse_datatype(Cursor cursor);

}  // namespace lamina::format::hdf5
