// Independent tasks -> all of them done by the caller: a build without oneTBB.
// SPDX-License-Identifier: Apache-2.0
#include "run/parallel.hpp"

namespace lamina::run {

bool has_threads() noexcept { return false; }

void parallel_for(std::size_t count, TaskFn fn, void* context) noexcept {
  for (std::size_t i = 0; i < count; ++i) fn(context, i);
}

void warm_up(std::size_t) {}

std::string tbb_version() { return "none"; }

}  // namespace lamina::run
