// Bytes -> the rows of a JSON file, as one document and as one row a line.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/rows.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  fuzz::read_rows(data, size, [](format::ByteStream file) { return format::open_json(std::move(file)); });
  return fuzz::read_rows(data, size, [](format::ByteStream file) { return format::open_jsonl(std::move(file)); });
}
