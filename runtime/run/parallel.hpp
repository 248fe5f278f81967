// A count of independent tasks -> all of them done, on several threads. The only file with oneTBB behind it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace lamina::run {

using TaskFn = void (*)(void* context, std::size_t index) noexcept;

/// False in a build without oneTBB (LAMINA_WITH_TBB=OFF).
[[nodiscard]] bool has_threads() noexcept;

/// Runs fn(context, 0 .. count - 1), each at least once (a second time only after oneTBB had no memory), in the
/// caller's current task arena, and returns when all are done. The waiting caller takes no foreign task meanwhile: it
/// may hold a Workspace that such a task would want.
void parallel_for(std::size_t count, TaskFn fn, void* context) noexcept;

/// Makes oneTBB allocate now what it would allocate in the first parallel_for of this size. Throws std::bad_alloc.
void warm_up(std::size_t count);

/// Run-time version of oneTBB: "2021.8"; "none" without it.
[[nodiscard]] std::string tbb_version();

}  // namespace lamina::run
