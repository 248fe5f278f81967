// Effective CPUs: quotas of cgroup v1 and v2 from made-up /proc and /sys, and the affinity mask of this process.
// SPDX-License-Identifier: Apache-2.0
#include "base/cpus.hpp"

#include "support/catch.hpp"
#include "support/folder.hpp"

#include <sched.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace lamina;

namespace {

/// A root with files of its own.
class Root {
 public:
  Root& add(const std::string& path, const std::string& content) {
    const std::filesystem::path file = folder_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content << '\n';
    return *this;
  }
  [[nodiscard]] double quota() const { return base::cgroup_quota((folder_ / "").string()); }

 private:
  test::Folder folder_;
};

}  // namespace

TEST_CASE("cpu.max: two numbers, or no limit") {
  CHECK(base::parse_cpu_max("200000 100000") == 2);
  CHECK(base::parse_cpu_max("50000 100000") == 0.5);
  for (const char* none : {"max 100000", "", "200000", "-1 100000", "200000 0", "x y"}) {
    CHECK(base::parse_cpu_max(none) == 0);
  }
}

TEST_CASE("cgroup v2: the tightest limit on the way up counts") {
  CHECK(Root().quota() == 0);
  CHECK(Root().add("proc/self/cgroup", "0::/").quota() == 0);
  CHECK(Root().add("proc/self/cgroup", "0::/").add("sys/fs/cgroup/cpu.max", "150000 100000").quota() == 1.5);
  Root nested;
  nested.add("proc/self/cgroup", "0::/kube/pod/server").add("sys/fs/cgroup/kube/pod/server/cpu.max", "max 100000");
  CHECK(nested.quota() == 0);
  nested.add("sys/fs/cgroup/kube/pod/cpu.max", "400000 100000").add("sys/fs/cgroup/kube/cpu.max", "300000 100000");
  CHECK(nested.quota() == 3);
  nested.add("sys/fs/cgroup/kube/pod/server/cpu.max", "25000 100000");
  CHECK(nested.quota() == 0.25);
}

TEST_CASE("cgroup v1: quota and period of the cpu controller, under either of its mounts") {
  const std::string cgroup = "12:memory:/a\n4:cpu,cpuacct:/docker/0123\n0::/system.slice";
  for (const std::string mount : {"cpu", "cpu,cpuacct"}) {
    CAPTURE(mount);
    Root root;
    root.add("proc/self/cgroup", cgroup);
    // In a container the path is the host's, and the limit lies at the root of the mount.
    root.add("sys/fs/cgroup/" + mount + "/cpu.cfs_quota_us", "-1");
    root.add("sys/fs/cgroup/" + mount + "/cpu.cfs_period_us", "100000");
    CHECK(root.quota() == 0);
    root.add("sys/fs/cgroup/" + mount + "/cpu.cfs_quota_us", "250000");
    CHECK(root.quota() == 2.5);
    root.add("sys/fs/cgroup/" + mount + "/docker/0123/cpu.cfs_quota_us", "100000");
    root.add("sys/fs/cgroup/" + mount + "/docker/0123/cpu.cfs_period_us", "50000");
    CHECK(root.quota() == 2);
  }
}

TEST_CASE("broken files mean no limit") {
  CHECK(Root().add("proc/self/cgroup", "nonsense").quota() == 0);
  CHECK(Root().add("proc/self/cgroup", "0::/").add("sys/fs/cgroup/cpu.max", "100000").quota() == 0);
}

TEST_CASE("the affinity mask bounds the CPUs") {
  std::thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    const int cpu = sched_getcpu();
    REQUIRE(cpu >= 0);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    const base::Cpus cpus = base::count_cpus();
    CHECK(cpus.affinity == 1);
    CHECK(cpus.effective == 1);
    CHECK(cpus.hardware >= 1);
  }).join();
}
