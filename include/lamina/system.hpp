// What machine this is, as far as it decides speed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>
#include <lamina/plan.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace lamina {

struct SystemInfo {
  std::string cpu;                    ///< the processor's own name
  std::vector<Isa> instruction_sets;  ///< that this build has and this CPU and OS can run
  Isa best;                           ///< what compile() uses unless told otherwise (LAMINA_ISA included)
  std::size_t l1d_bytes = 0;          ///< 0 where not known
  std::size_t l2_bytes = 0;
  std::size_t l3_bytes = 0;
  int hardware_threads = 1;
  int affinity_cpus = 1;    ///< CPUs that this process may run on
  double cgroup_quota = 0;  ///< CPUs by cgroup quota; 0: no limit
  int effective_cpus = 1;   ///< least of the three, at least 1
  std::string tbb;          ///< run-time version of oneTBB
};

/// Reads /proc, /sys and CPUID: microseconds to milliseconds. Throws Error{invalid_argument} where LAMINA_ISA names
/// an unknown or unavailable set.
[[nodiscard]] LAMINA_API SystemInfo system_info();

}  // namespace lamina
