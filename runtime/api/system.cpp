// The machine -> SystemInfo.
// SPDX-License-Identifier: Apache-2.0
#include "base/cpus.hpp"
#include "kernel/kernels.hpp"
#include "plan/compile.hpp"
#include "run/parallel.hpp"

#include <lamina/system.hpp>
#include <lamina/version.hpp>

#include <unistd.h>

#include <fstream>
#include <string>

namespace lamina {
namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// Of the data or unified cache that the first CPU uses. sysfs comes before sysconf, which multiplies the L3 of a
/// virtual machine on Zen by the number of its slices (320 MB for 32 MiB).
std::size_t cache_bytes(int level, int sysconf_name) {
  for (int index = 0; index < 8; ++index) {
    const std::string cache = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    int found = 0;
    std::string type, unit;
    std::size_t size = 0;
    std::ifstream(cache + "level") >> found;
    std::ifstream(cache + "type") >> type;
    if (found != level || type == "Instruction") continue;
    if (std::ifstream(cache + "size") >> size >> unit && unit == "K") return size << 10;
  }
  const long bytes = sysconf(sysconf_name);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

}  // namespace

std::string_view version() noexcept { return "0.1.0"; }

std::string_view to_string(Isa isa) noexcept {
  switch (isa) {
    case Isa::sse4:
      return "sse4";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::neon:
      return "neon";
  }
  return "unknown";
}

SystemInfo system_info() {
  SystemInfo info;
  info.cpu = cpu_name();
  const kernel::Tables tables = kernel::runnable_tables();
  for (std::size_t i = 0; i < tables.count; ++i) {
    info.instruction_sets.push_back(static_cast<Isa>(tables.table[i]->isa));
  }
  info.best = static_cast<Isa>(plan::select_table({}).isa);
  info.l1d_bytes = cache_bytes(1, _SC_LEVEL1_DCACHE_SIZE);
  info.l2_bytes = cache_bytes(2, _SC_LEVEL2_CACHE_SIZE);
  info.l3_bytes = cache_bytes(3, _SC_LEVEL3_CACHE_SIZE);
  const base::Cpus cpus = base::count_cpus();
  info.hardware_threads = cpus.hardware;
  info.affinity_cpus = cpus.affinity;
  info.cgroup_quota = cpus.quota;
  info.effective_cpus = cpus.effective;
  info.tbb = run::tbb_version();
  return info;
}

}  // namespace lamina
