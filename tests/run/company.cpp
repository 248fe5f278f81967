// Callers with and without helpers, on one CPU and on two -> who yields, and where helpers are then.
// SPDX-License-Identifier: Apache-2.0
#include "run/company.hpp"

#include "support/catch.hpp"

#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace lamina::run {
namespace {

void arrive_elsewhere(Company& company) {
  std::thread([&] { company.arrive(); }).join();
}

TEST_CASE("a caller yields where its helpers sleep, or did not come", "[company]") {
  Company company;
  company.call(false);
  CHECK_FALSE(company.yielding());
  company.arrive();
  arrive_elsewhere(company);
  company.call(true);
  CHECK(company.yielding());
  company.arrive();
  CHECK_FALSE(company.yielding());
  company.call(false);
  CHECK(company.yielding());
  arrive_elsewhere(company);
  company.call(false);
  CHECK_FALSE(company.yielding());
}

TEST_CASE("a caller whose helpers never come yields ever more rarely, until one does", "[company]") {
  Company company;
  company.call(true);
  int yields = 0;
  for (int run = 0; run < 1000; ++run) {
    company.call(true);
    yields += company.yielding() ? 1 : 0;
    company.arrive();
  }
  CHECK(yields >= 5);
  CHECK(yields <= 12);
  arrive_elsewhere(company);
  company.call(true);
  CHECK(company.yielding());
}

#if defined(__linux__)

/// This thread on one CPU for a while.
class OnCpu {
 public:
  explicit OnCpu(int cpu) {
    sched_getaffinity(0, sizeof saved_, &saved_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OnCpu() { sched_setaffinity(0, sizeof saved_, &saved_); }
  OnCpu(const OnCpu&) = delete;
  OnCpu& operator=(const OnCpu&) = delete;

 private:
  cpu_set_t saved_;
};

TEST_CASE("a helper leaves its caller's CPU and keeps its affinity", "[company]") {
  cpu_set_t all;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  if (CPU_COUNT(&all) < 2) return;
  Company company;
  const int cpu = sched_getcpu();
  const OnCpu caller(cpu);
  company.call(true);
  int after = cpu;
  bool same_affinity = false;
  std::thread([&] {
    { const OnCpu helper(cpu); }
    sched_setaffinity(0, sizeof all, &all);  // allowed everywhere again, and still where it was
    company.arrive();
    after = sched_getcpu();
    cpu_set_t now;
    sched_getaffinity(0, sizeof now, &now);
    same_affinity = CPU_EQUAL(&now, &all) != 0;
  }).join();
  CHECK(after != cpu);
  CHECK(same_affinity);
}

#endif

}  // namespace
}  // namespace lamina::run
