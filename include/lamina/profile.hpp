// One run of a Plan -> where its time went, step by step; and the zeros that its skipping steps meet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>
#include <lamina/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lamina {

/// One step of a profiled run.
struct StepTime {
  /// Spent in this step, as the mean over the threads that shared the run: the steps and the overhead add up to the
  /// run.
  std::uint64_t nanoseconds = 0;
  /// Threads that did a part of it.
  int threads = 0;
};

/// One profiled run.
struct RunTimes {
  std::uint64_t nanoseconds = 0;  ///< from its first line to its last
  int threads = 1;                ///< that it was shared out to; 1: the caller's alone
  std::vector<StepTime> steps;    ///< in the order of Plan::steps()

  /// What no step accounts for: calling threads, waiting for them, and cutting the work.
  [[nodiscard]] std::uint64_t overhead() const noexcept {
    std::uint64_t sum = 0;
    for (const StepTime& step : steps) sum += step.nanoseconds;
    return nanoseconds > sum ? nanoseconds - sum : 0;
  }
};

/// Given to Plan::run, it says where the time of that run went. Reads the clock once per step (and, on several threads,
/// once per part of the work), some 20 ns each; runs without one pay nothing. One caller at a time, as a Workspace.
class LAMINA_API Profiler {
 public:
  /// Allocates all that it will need.
  explicit Profiler(const Plan& plan);
  Profiler(Profiler&&) noexcept;
  Profiler& operator=(Profiler&&) noexcept;
  ~Profiler();

  /// Of the latest run.
  [[nodiscard]] const RunTimes& times() const noexcept;

 private:
  friend class Plan;
  struct Record;
  std::unique_ptr<Record> record_;
};

/// What one step reads that is exactly zero.
struct StepZeros {
  std::uint64_t zeros = 0;
  std::uint64_t inputs = 0;  ///< floats read

  [[nodiscard]] double share() const noexcept {
    return inputs == 0 ? 0 : static_cast<double>(zeros) / static_cast<double>(inputs);
  }
};

/// Runs `plan` over x in this thread and counts exact zeros among the inputs of each step. To say what a time that was
/// measured with StepInfo::skips_zeros stands for; not fast. Throws as Plan::run does.
[[nodiscard]] LAMINA_API std::vector<StepZeros> count_zeros(const Plan& plan, std::span<const float> x);

}  // namespace lamina
