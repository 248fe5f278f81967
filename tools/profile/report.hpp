// Everything that a profile found out: plain data between those who measure and those who print.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/difference.hpp"
#include "profile/load.hpp"
#include "profile/slo.hpp"
#include "profile/statistics.hpp"
#include "profile/usage.hpp"

#include <lamina/lamina.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lamina::tools {

struct Environment {
  SystemInfo system;
  double load_average = 0;   // of the last minute
  double clock_ns = 0;       // one clock read with nothing to do beside it
  double gigahertz = 0;      // estimate: a chain of additions, one a cycle
  std::vector<Roofs> roofs;  // one per number of threads; empty: not measured
};

/// From the file to the first answer.
struct StartTimes {
  double read_ns = 0;     // the file's bytes alone; 0 without a file
  double load_ns = 0;     // lamina::load, which reads and parses; or parsing the text and drawing weights
  double compile_ns = 0;  // passes and packing
};

struct StepReport {
  StepInfo info;
  Summary ns;
  double share = 0;             // of the faster nine tenths of the profiled runs; with the overhead they add up to 1
  int threads = 1;              // the most that took part
  double zeros = 0;             // share of exact zeros among its inputs
  double flops = 0, bytes = 0;  // of one call; where zeros are skipped: those that are left
  double roof = 0;              // least time that the machine allows / time; 0: not measured
};

enum class Bound { compute, memory };

/// What a run has to do, and what the machine allows.
struct Work {
  double flops = 0;   // where zeros are skipped: those that are left
  double bytes = 0;   // weights, inputs, outputs
  std::string level;  // that the weights come from
  double level_gigabytes = 0;
  double roof_ns = 0;  // least time; 0: not measured
  Bound bound = Bound::compute;
};

/// One number of rows on one number of threads.
struct RunReport {
  std::size_t batch = 1;
  int threads = 1;
  Isa isa = Isa::sse4;
  bool cold = false;
  double first_ns = 0;
  double clock_ns = 0;  // what the clock adds to a call: taken off
  std::size_t warmup_calls = 0;
  bool steady = false;
  double seconds = 0;
  Summary latency;
  Histogram histogram;
  // Measured in turns with it: the same without skipped zeros where some are, or what it is compared with.
  std::optional<Summary> beside;
  Blocks blocks, beside_blocks;  // thinned
  Usage usage;
  Work work;
  std::size_t workspace_bytes = 0;
  std::vector<StepReport> steps;
  double overhead_ns = 0, overhead_share = 0;
  double profiled_ns = 0;  // typical latency with the clock reads of a Profiler

  [[nodiscard]] double rows_per_second() const { return 1e9 * static_cast<double>(batch) / latency.mean; }
  [[nodiscard]] double gigaflops() const { return work.flops / latency.typical(); }
  [[nodiscard]] double gigabytes_per_second() const { return work.bytes / latency.typical(); }
  [[nodiscard]] double roof_share() const { return work.roof_ns / latency.typical(); }
  /// Of the time in calls, spent ready to run while others had the CPU. Above 5 %, figures are of a busy machine.
  [[nodiscard]] double waiting_share() const {
    return static_cast<double>(usage.queue_ns) / (latency.mean * static_cast<double>(latency.n));
  }
  [[nodiscard]] double rows() const { return static_cast<double>(batch * latency.n); }
  [[nodiscard]] double cpu_seconds_per_1000_rows() const { return usage.cpu_seconds / rows() * 1000; }
};

/// Beside a baseline.
struct RunDifference {
  std::size_t batch = 1;
  int threads = 1;
  std::vector<Difference> differences;
};

/// Where more rows stop paying: the smallest batch with 90 % of the best throughput.
struct Knee {
  int threads = 1;
  std::size_t batch = 1;
};

/// All that one command found out.
struct Report {
  std::string model;  // file, or the text
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0, packed_bytes = 0;
  std::int64_t peak_bytes = 0;
  std::string input;  // file, or "drawn from seed 0"
  std::uint64_t seed = 0;
  double duration = 0;
  Environment environment;
  StartTimes start;
  std::vector<RunReport> runs;
  std::vector<LoadReport> loads;   // several callers, or calls at given times
  std::vector<SloAnswer> answers;  // one for each that was looked for
  double idle_cpu = 0;             // CPUs kept busy by this process while it had nothing to do
  std::vector<Knee> knees;
  std::vector<RunDifference> changes;  // since the baseline; empty: there is none
  std::vector<std::string> verdict;
};

}  // namespace lamina::tools
