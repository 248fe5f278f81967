// Every use of the heap by operator new -> the most bytes that were held at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lamina::fuzz {

/// Forgets earlier peaks.
void start_heap_peak() noexcept;
/// Most bytes held at once since then, beyond what was held at the start.
[[nodiscard]] std::size_t heap_peak() noexcept;

}  // namespace lamina::fuzz
