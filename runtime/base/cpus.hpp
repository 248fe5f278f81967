// Hardware, affinity mask and cgroup quota -> how many CPUs this process can really use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lamina::base {

struct Cpus {
  int hardware = 1;   // threads of the machine that are online
  int affinity = 1;   // CPUs in this process's mask
  double quota = 0;   // CPUs by cgroup v1 or v2; 0: no limit
  int effective = 1;  // least of the three, rounded down, at least 1
};

/// Reads the system anew at each call.
[[nodiscard]] Cpus count_cpus();

/// CPUs by the tightest quota of this process's groups, of version 1 or 2; 0: no limit. `root` ends in '/': where proc
/// and sys lie.
[[nodiscard]] double cgroup_quota(const std::string& root);

/// "200000 100000" of cpu.max -> 2.0; "max 100000" and anything malformed -> 0.
[[nodiscard]] double parse_cpu_max(std::string_view text) noexcept;

}  // namespace lamina::base
