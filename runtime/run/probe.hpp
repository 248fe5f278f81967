// What happens in one thread of a run -> what an observer keeps of it: nothing, times or zeros.
// SPDX-License-Identifier: Apache-2.0
//
// The code that runs steps is compiled once per probe. NoProbe is empty and passed by value, so that a run without an
// observer has the instructions that it would have if there were no observers.
#pragma once

#include "kernel/kernels.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace lamina::run {

struct NoProbe {
  void start() const noexcept {}
  void before(std::size_t, const kernel::RowArgs&) const noexcept {}
  void after(std::size_t) const noexcept {}
};

[[nodiscard]] inline std::uint64_t now_ns() noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

/// A step in one thread.
struct StepSum {
  std::uint64_t nanoseconds = 0;
  std::uint64_t parts = 0;
};

/// One thread's sums, on cache lines of their own.
struct alignas(64) ThreadSums {
  std::uint64_t last = 0;  // when the latest step ended
  std::unique_ptr<StepSum[]> steps;
};

/// One clock read per step: a step begins when the one before it ends.
struct TimeProbe {
  ThreadSums* sums;

  void start() const noexcept { sums->last = now_ns(); }
  void before(std::size_t, const kernel::RowArgs&) const noexcept {}
  void after(std::size_t step) const noexcept {
    const std::uint64_t now = now_ns();
    sums->steps[step].nanoseconds += now - sums->last;
    ++sums->steps[step].parts;
    sums->last = now;
  }
};

struct ZeroSum {
  std::uint64_t zeros = 0;
  std::uint64_t inputs = 0;
};

/// Exact zeros, of either sign, among the inputs of each step.
struct ZeroProbe {
  ZeroSum* sums;

  void start() const noexcept {}
  void before(std::size_t step, const kernel::RowArgs& rows) const noexcept {
    std::uint64_t zeros = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      for (std::size_t i = 0; i < rows.n; ++i) zeros += rows.x[r * rows.ldx + i] == 0.0f ? 1u : 0u;
    }
    sums[step].zeros += zeros;
    sums[step].inputs += rows.rows * rows.n;
  }
  void after(std::size_t) const noexcept {}
};

}  // namespace lamina::run
