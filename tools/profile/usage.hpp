// This process -> what the operating system has counted for it: the causes of slow calls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lamina::tools {

/// Counters since the process began; the difference of two is what lay between.
struct Usage {
  double cpu_seconds = 0;  // user and system, all threads
  std::int64_t minor_faults = 0, major_faults = 0;
  std::int64_t voluntary_switches = 0, involuntary_switches = 0;
  std::int64_t queue_ns = 0;           // that this thread was ready and another one had its CPU
  std::int64_t throttled_periods = 0;  // in which the cgroup's quota was used up
  std::int64_t allocations = 0;        // operator new, all threads

  [[nodiscard]] Usage operator-(const Usage& before) const;
  [[nodiscard]] Usage operator+(const Usage& more) const;
};

/// To be called right before and right after what is measured: neither counts the reading of files that it does itself.
[[nodiscard]] Usage usage_before();
[[nodiscard]] Usage usage_after();

/// Largest resident size so far.
[[nodiscard]] std::int64_t peak_bytes();

}  // namespace lamina::tools
