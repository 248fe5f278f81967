// Bytes of an array file and how to open them -> every row, read in chunks as the lamina program reads them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/row_source.hpp"
#include "fuzz/survive.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace lamina::fuzz {

template <class Open>
int read_rows(const std::uint8_t* data, std::size_t size, Open open) {
  const auto file = std::make_shared<const base::ByteSource>(source(data, size));
  return survive([&] {
    const std::unique_ptr<format::RowSource> rows = open(format::ByteStream("input", file, 0, size));
    const std::size_t row = rows->layout.row_size;
    // A row that the file has no bytes for must have been refused before its memory is asked of the caller.
    if (row == 0 || row > std::max<std::size_t>(1, size * 128)) throw std::logic_error("a row of no possible size");
    std::vector<float> chunk(row * 3);
    while (rows->read(chunk) == 3) continue;
    if (rows->bytes_read() > size * 128) throw std::logic_error("more bytes than there are");
  });
}

}  // namespace lamina::fuzz
