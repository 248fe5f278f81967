// Bytes -> the rows of a csv file: as it stands, with a header, and by chosen columns.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/rows.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  for (const data::ReadOptions& options :
       {data::ReadOptions{}, data::ReadOptions{.columns = "2,1", .separator = ';', .allow_nonfinite = true},
        data::ReadOptions{.columns = "a,b", .header = true}}) {
    fuzz::read_rows(data, size, [&](format::ByteStream file) { return format::open_csv(std::move(file), options); });
  }
  return 0;
}
