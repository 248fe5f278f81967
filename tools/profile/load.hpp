// Several callers on one Plan, asked at given times or without a pause -> latencies from the intended start.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/statistics.hpp"

#include <lamina/lamina.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lamina::tools {

enum class Arrivals { poisson, constant };

struct Load {
  std::size_t batch = 1;
  std::size_t callers = 1;
  double seconds = 1;
  double rate = 0;  // calls per second; 0: each caller calls again as soon as it has its answer
  Arrivals arrivals = Arrivals::poisson;
  std::uint64_t seed = 0;
};

struct LoadReport {
  Load load;
  int threads = 1;          // of one call
  bool dense = false;       // no zeros were skipped where the Plan would
  double seconds = 0;       // until the last answer
  Summary latency;          // from the intended start to the answer
  Summary queue, service;   // until a caller was free; in Plan::run
  std::size_t backlog = 0;  // most calls whose time had come and that nobody had begun
  std::size_t dropped = 0;  // calls that nobody had begun when the time was over twice
  bool overloaded = false;  // some were dropped, or the last answer came a tenth of the time after the last arrival

  [[nodiscard]] double calls_per_second() const { return static_cast<double>(latency.n) / seconds; }
  [[nodiscard]] double rows_per_second() const { return calls_per_second() * static_cast<double>(load.batch); }
};

/// When each call is meant to begin, in ns from the start: ascending. The same for the same seed.
[[nodiscard]] std::vector<double> arrival_times(const Load& load);

/// A call that finds every caller busy waits in line; its latency counts from when it should have begun, so that a slow
/// call shows in all those behind it.
[[nodiscard]] LoadReport run_load(const Plan& plan, std::span<const float> rows, const Load& load);

}  // namespace lamina::tools
