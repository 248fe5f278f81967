// What a Profiler keeps between the threads of a run and its reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"
#include "run/probe.hpp"

#include <lamina/profile.hpp>

#include <memory>

namespace lamina {

// Hidden: a member of an exported class would be exported with it.
struct __attribute__((visibility("hidden"))) Profiler::Record {
  std::shared_ptr<const plan::Program> program;  // whose runs it takes
  std::unique_ptr<run::ThreadSums[]> sums;       // one per thread
  RunTimes times;

  void clear() noexcept;
  /// Sums of a run that `threads` shared and that took `nanoseconds` -> times.
  void collect(std::uint64_t nanoseconds, std::size_t threads) noexcept;
};

}  // namespace lamina
