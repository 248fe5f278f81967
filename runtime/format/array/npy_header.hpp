// Front of an npy file <-> element type, order and shape.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/byte_stream.hpp"
#include "format/array/element.hpp"

#include <lamina/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lamina::format {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

struct NpyHeader {
  ElementType type;
  bool fortran_order = false;
  Shape shape;
};

/// Takes the header off the stream. Throws Error{malformed, truncated, dtype, limit_exceeded, unsupported_feature}.
[[nodiscard]] NpyHeader read_npy_header(ByteStream& stream);
/// The dictionary behind magic, version and length.
[[nodiscard]] NpyHeader parse_npy_dictionary(const std::string& place, std::string_view text);

/// Throws Error{truncated, malformed} unless `present` bytes of data are what the header declares.
void check_npy_size(const std::string& place, const NpyHeader& header, std::uint64_t present);

/// Header for little-endian float32 in C order; its length is the same for every `rows`.
[[nodiscard]] std::string npy_header(std::uint64_t rows, const Shape& row_shape);

}  // namespace lamina::format
