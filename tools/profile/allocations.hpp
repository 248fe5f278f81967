// operator new of this program -> how often it was called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lamina::tools {

/// By all threads, since the program began.
[[nodiscard]] std::int64_t allocation_count() noexcept;

}  // namespace lamina::tools
