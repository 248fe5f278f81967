// A Program and a number of rows -> how many threads share the work, and along which side.
// SPDX-License-Identifier: Apache-2.0
#include "run/sharing.hpp"

#include <algorithm>

namespace lamina::run {
namespace {

// Measured on Zen 4 (design: 118 GFLOP/s, 110 to 118 GB/s from L2, 78 to 100 from L3, 25 to 31 from memory); elsewhere
// they are off by a factor of two at most, and so is the size from which a second thread is woken.
constexpr double kFlopsPerNs = 100;
constexpr double kL2BytesPerNs = 110, kL3BytesPerNs = 80, kMemoryBytesPerNs = 25;
constexpr std::size_t kL2 = std::size_t{768} << 10, kL3 = std::size_t{24} << 20;
/// Two threads together read memory at most so much faster than one.
constexpr double kMemoryScaling = 1.25;
/// Threads that meet after a phase: two transfers of a cache line, and the slower one's rest.
constexpr double kMeeting = 500;
/// What a thread must have to do to be worth a wake-up: 2 to 3 us of the caller's time, and 50 us or more until it
/// comes, which nobody waits for. An awake one costs 1.2 to 1.6 us.
constexpr double kWorthAwake = kLeastWorth / 2, kWorthAsleep = 12000;

double reading(std::size_t bytes) noexcept {
  const double rate = bytes <= kL2 ? kL2BytesPerNs : bytes <= kL3 ? kL3BytesPerNs : kMemoryBytesPerNs;
  return static_cast<double>(bytes) / rate;
}

double computing(const plan::Program& program, std::size_t rows) noexcept {
  return static_cast<double>(program.flops_per_row) * static_cast<double>(rows) / kFlopsPerNs;
}

std::size_t most_units(const plan::Program& program) noexcept {
  std::size_t most = 1;
  for (const plan::Phase& phase : program.phases) most = std::max(most, phase.units);
  return most;
}

/// Each thread reads all weights, from its own cache or through the one memory bus.
double estimate_by_rows(const plan::Program& program, std::size_t rows, std::size_t threads) noexcept {
  const double one_bus = threads > 1 && program.weight_bytes > kL3 ? static_cast<double>(threads) / kMemoryScaling : 1;
  const double weights = reading(program.weight_bytes) * one_bus;
  return std::max(computing(program, (rows + threads - 1) / threads), weights);
}

/// The threads read the weights together.
double estimate_by_outputs(const plan::Program& program, std::size_t rows, std::size_t threads) noexcept {
  const double scaling = program.weight_bytes > kL3 ? kMemoryScaling : static_cast<double>(threads);
  const double meetings = kMeeting * static_cast<double>(program.phases.size());
  return std::max(computing(program, rows) / static_cast<double>(threads), reading(program.weight_bytes) / scaling) +
         meetings;
}

}  // namespace

double estimate_alone(const plan::Program& program, std::size_t rows) noexcept {
  return std::max(computing(program, rows), reading(program.weight_bytes));
}

Sharing choose_sharing(const plan::Program& program, std::size_t rows, bool busy) noexcept {
  if (program.threads == 1 || program.batch_coupled) return {};
  const double alone = estimate_alone(program, rows);
  const double worth = alone / (busy ? kWorthAwake : kWorthAsleep);
  const std::size_t threads =
      worth < program.threads ? static_cast<std::size_t>(worth) : static_cast<std::size_t>(program.threads);
  if (threads < 2) return {};
  const Sharing by_rows{std::min(threads, rows), Side::rows};
  if (program.phases.empty() || rows > program.row_block) return by_rows;
  const Sharing by_outputs{std::min(threads, most_units(program)), Side::outputs};
  const double outputs = estimate_by_outputs(program, rows, by_outputs.threads);
  const bool better = outputs < estimate_by_rows(program, rows, by_rows.threads);
  const Sharing best = better ? by_outputs : by_rows;
  return std::min(outputs, estimate_by_rows(program, rows, by_rows.threads)) < 0.85 * alone ? best : Sharing{};
}

}  // namespace lamina::run
