// An npy file in Fortran order (its rows are strided) -> rows of float32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/npy_header.hpp"
#include "format/array/row_source.hpp"

#include <memory>

namespace lamina::format {

/// `stream` stands behind the header. Memory: one block of rows, at most 64 MiB where a row is smaller.
[[nodiscard]] std::unique_ptr<RowSource> open_npy_transposed(ByteStream stream, const NpyHeader& header,
                                                             RowLayout rows);

}  // namespace lamina::format
