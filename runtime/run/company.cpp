// Whether a caller's helpers came -> a caller that makes room for them, and helpers that leave its CPU.
// SPDX-License-Identifier: Apache-2.0
#include "run/company.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace lamina::run {
namespace {

#if defined(__linux__)

std::uintptr_t this_thread() noexcept { return static_cast<std::uintptr_t>(pthread_self()); }

int this_cpu() noexcept { return sched_getcpu(); }

/// Moves this thread to any other CPU that it may run on; its affinity is then what it was. 10 to 20 us.
void leave_cpu(int cpu) noexcept {
  cpu_set_t own, others;
  if (cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof own, &own) != 0 || CPU_COUNT(&own) < 2) return;
  others = own;
  CPU_CLR(static_cast<std::size_t>(cpu), &others);
  if (sched_setaffinity(0, sizeof others, &others) == 0) sched_setaffinity(0, sizeof own, &own);
}

#else

std::uintptr_t this_thread() noexcept { return 0; }
int this_cpu() noexcept { return -1; }
void leave_cpu(int) noexcept {}

#endif

}  // namespace

void Company::call(bool asleep) noexcept {
  constexpr std::uint32_t kMostPatience = 1024;
  caller_ = this_thread();
  cpu_ = this_cpu();
  const bool lonely = !came_.exchange(false, std::memory_order_relaxed);
  if (!lonely) patience_ = 0, next_patience_ = 1;
  yielding_ = (lonely || asleep) && patience_ == 0;
  if (patience_ != 0) {
    --patience_;
  } else if (lonely) {
    patience_ = next_patience_;
    next_patience_ = std::min(2 * next_patience_, kMostPatience);
  }
}

void Company::arrive() noexcept {
  if (this_thread() == caller_) {
    if (std::exchange(yielding_, false)) std::this_thread::yield();
    return;
  }
  came_.store(true, std::memory_order_relaxed);
  if (const int cpu = this_cpu(); cpu >= 0 && cpu == cpu_) leave_cpu(cpu);
}

}  // namespace lamina::run
