// Bytes -> the rows of the only array of an npz archive, or of its array "x".
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/rows.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  fuzz::read_rows(data, size, [](format::ByteStream file) { return format::open_npz(std::move(file), ""); });
  return fuzz::read_rows(data, size, [](format::ByteStream file) { return format::open_npz(std::move(file), "x"); });
}
