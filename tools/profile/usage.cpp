// getrusage, schedstat and cgroup files -> counters.
// SPDX-License-Identifier: Apache-2.0
#include "profile/usage.hpp"

#include "profile/allocations.hpp"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace lamina::tools {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

/// The second of its three numbers; 0 where the kernel does not say.
std::int64_t queue_ns() {
  std::int64_t on_cpu = 0, waiting = 0;
  std::ifstream("/proc/thread-self/schedstat") >> on_cpu >> waiting;
  return waiting;
}

/// nr_throttled of the cgroup, version 2; 0 where there is none.
std::int64_t throttled_periods() {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.rfind("0::", 0) != 0) continue;
    std::ifstream stat("/sys/fs/cgroup" + line.substr(3) + "/cpu.stat");
    std::string name;
    for (std::int64_t value = 0; stat >> name >> value;) {
      if (name == "nr_throttled") return value;
    }
  }
  return 0;
}

void add_files(Usage& usage) {
  usage.queue_ns = queue_ns();
  usage.throttled_periods = throttled_periods();
}

void add_counters(Usage& usage) {
  rusage counted{};
  getrusage(RUSAGE_SELF, &counted);
  usage.cpu_seconds = seconds(counted.ru_utime) + seconds(counted.ru_stime);
  usage.minor_faults = counted.ru_minflt;
  usage.major_faults = counted.ru_majflt;
  usage.voluntary_switches = counted.ru_nvcsw;
  usage.involuntary_switches = counted.ru_nivcsw;
  usage.allocations = allocation_count();
}

}  // namespace

Usage Usage::operator-(const Usage& before) const {
  return {cpu_seconds - before.cpu_seconds,
          minor_faults - before.minor_faults,
          major_faults - before.major_faults,
          voluntary_switches - before.voluntary_switches,
          involuntary_switches - before.involuntary_switches,
          queue_ns - before.queue_ns,
          throttled_periods - before.throttled_periods,
          allocations - before.allocations};
}

Usage Usage::operator+(const Usage& more) const { return *this - (Usage{} - more); }

Usage usage_before() {
  Usage usage;
  add_files(usage);
  add_counters(usage);
  return usage;
}

Usage usage_after() {
  Usage usage;
  add_counters(usage);
  add_files(usage);
  return usage;
}

std::int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} << 10;
}

}  // namespace lamina::tools
