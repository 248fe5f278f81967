// Bytes -> the rows of an npy file.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/rows.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  return fuzz::read_rows(data, size, [](format::ByteStream file) { return format::open_npy(std::move(file)); });
}
