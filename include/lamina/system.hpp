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

/// How fast one level of memory can be read.
struct MemoryLevel {
  std::string name;       ///< "L1", "L2", "L3", "memory"
  std::size_t bytes = 0;  ///< of one CPU's cache; 0: memory, which has no end
  double gigabytes_per_second = 0;
};

/// What no kernel of this machine can be faster than.
struct Roofs {
  Isa isa = Isa::sse4;
  int threads = 1;
  double gigaflops = 0;  ///< float32 multiply-adds, two operations each
  std::vector<MemoryLevel> levels;

  /// The nearest level that holds so many bytes.
  [[nodiscard]] LAMINA_API const MemoryLevel& level_of(std::size_t bytes) const;
};

/// Measures them on `threads` threads at once, the caller's and others that end before it returns: a quarter of a
/// second. The rates are those of all threads together, the best of several rounds; a busy machine gives lower ones.
/// Takes max(128 MiB, 4 x L3) of memory meanwhile. Throws Error{invalid_argument, unsupported_feature}.
[[nodiscard]] LAMINA_API Roofs measure_roofs(Isa isa, int threads = 1);

}  // namespace lamina
