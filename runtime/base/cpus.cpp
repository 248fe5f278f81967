// Hardware, affinity mask and cgroup quota -> how many CPUs this process can really use.
// SPDX-License-Identifier: Apache-2.0
#include "base/cpus.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>

namespace lamina::base {
namespace {

double ratio(double quota, double period) { return quota > 0 && period > 0 ? quota / period : 0; }

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

double to_number(std::string_view text) noexcept {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? value : 0;
}

/// The smaller of two quotas, of which 0 is none.
double tighter(double a, double b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

/// A limit may stand at any level above: the tightest counts.
double quota_along(const std::string& mount, std::string path, bool version2) {
  double quota = 0;
  while (true) {
    const std::string folder = mount + path;
    quota = tighter(quota, version2 ? parse_cpu_max(first_line(folder + "/cpu.max"))
                                    : ratio(to_number(first_line(folder + "/cpu.cfs_quota_us")),
                                            to_number(first_line(folder + "/cpu.cfs_period_us"))));
    if (path.empty()) return quota;
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

}  // namespace

// Lines of /proc/self/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1).
double cgroup_quota(const std::string& root) {
  std::ifstream groups(root + "proc/self/cgroup");
  const std::string mount = root + "sys/fs/cgroup";
  double quota = 0;
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (path == "/") path.clear();
    if (controllers.empty()) {
      quota = tighter(quota, quota_along(mount, path, true));
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
      quota = tighter(quota, quota_along(mount + "/cpu", path, false));
      quota = tighter(quota, quota_along(mount + "/" + controllers, path, false));
    }
  }
  return quota;
}

double parse_cpu_max(std::string_view text) noexcept {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return 0;
  return ratio(to_number(text.substr(0, space)), to_number(text.substr(space + 1)));
}

Cpus count_cpus() {
  Cpus cpus;
  cpus.hardware = std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  cpu_set_t set;
  cpus.affinity = sched_getaffinity(0, sizeof(set), &set) == 0 ? std::max(1, CPU_COUNT(&set)) : cpus.hardware;
  cpus.quota = cgroup_quota("/");
  cpus.effective = std::min(cpus.hardware, cpus.affinity);
  if (cpus.quota > 0) cpus.effective = std::min(cpus.effective, std::max(1, static_cast<int>(std::floor(cpus.quota))));
  return cpus;
}

}  // namespace lamina::base
