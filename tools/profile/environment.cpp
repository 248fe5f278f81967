// This machine -> what a latency depends on, before any model is run.
// SPDX-License-Identifier: Apache-2.0
#include "profile/environment.hpp"

#include "command.hpp"
#include "profile/number_list.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace lamina::tools {
namespace {

using Clock = std::chrono::steady_clock;

double ns_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

/// The median of many reads: what an interval that holds nothing takes.
double measure_clock() {
  std::vector<double> reads(2001);
  Clock::time_point last = Clock::now();
  for (double& read : reads) {
    const Clock::time_point now = Clock::now();
    read = ns_between(last, now);
    last = now;
  }
  std::ranges::nth_element(reads, reads.begin() + 1000);
  return reads[1000];
}

/// The best of several rounds of a chain of additions: each waits for the one before, a cycle.
double measure_gigahertz() {
  constexpr int kAdditions = 1 << 16;
  double best = 0;
  std::uint64_t sum = 0;
  for (int round = 0; round < 20; ++round) {
    const auto begin = Clock::now();
    for (int i = 0; i < kAdditions / 8; ++i) {
      for (int j = 0; j < 8; ++j) {
        sum += 3;
        asm volatile("" : "+r"(sum));  // each addition is to be made
      }
    }
    best = std::max(best, kAdditions / ns_between(begin, Clock::now()));
  }
  return best;
}

}  // namespace

Environment measure_environment() {
  Environment environment;
  environment.system = system_info();
  double load = 0;
  if (getloadavg(&load, 1) == 1) environment.load_average = load;
  environment.gigahertz = measure_gigahertz();
  environment.clock_ns = measure_clock();
  return environment;
}

const Roofs* roofs_for(const Environment& environment, int threads) {
  const auto found = std::ranges::find(environment.roofs, threads, &Roofs::threads);
  return found == environment.roofs.end() ? nullptr : &*found;
}

void pin_to(const std::string& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::size_t cpu : parse_numbers("--pin", cpus, 0)) {
    if (cpu >= CPU_SETSIZE) throw UsageError("--pin: no CPU " + std::to_string(cpu));
    CPU_SET(cpu, &set);
  }
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    throw Error(Errc::invalid_argument, "--pin: this process may not run on CPU " + cpus);
  }
}

}  // namespace lamina::tools
