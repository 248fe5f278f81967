// This process -> its memory, descriptors and CPU time, as Linux counts them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lamina::serve {

struct ProcessUse {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  double cpu_seconds = 0;
};

[[nodiscard]] ProcessUse process_use();

}  // namespace lamina::serve
