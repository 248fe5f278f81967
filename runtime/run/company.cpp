// Whether a caller's helpers came -> a caller that makes room for them, and helpers that leave its CPU.
// SPDX-License-Identifier: Apache-2.0
#include "run/company.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#endif

namespace lamina::run {
namespace {

#if defined(__linux__)

std::uintptr_t this_thread() noexcept { return static_cast<std::uintptr_t>(pthread_self()); }

int this_cpu() noexcept { return sched_getcpu(); }

/// Services whose system call filter kills who changes an affinity say so (systemd's ~@resources is such a filter).
bool may_move() noexcept {
  static const bool may = std::getenv("LAMINA_KEEP_AFFINITY") == nullptr;
  return may;
}

/// Moves this thread to any other CPU that it may run on; it may then run where it might before. 10 to 20 us.
void leave_cpu(int cpu) noexcept {
  cpu_set_t own, others;
  if (!may_move()) return;
  if (cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof own, &own) != 0 || CPU_COUNT(&own) < 2) return;
  others = own;
  CPU_CLR(static_cast<std::size_t>(cpu), &others);
  // A thread that might run everywhere shall also be allowed CPUs that come later.
  if (CPU_COUNT(&own) == sysconf(_SC_NPROCESSORS_ONLN)) std::memset(&own, 0xFF, sizeof own);
  if (sched_setaffinity(0, sizeof others, &others) == 0) sched_setaffinity(0, sizeof own, &own);
}

#else

std::uintptr_t this_thread() noexcept {
  static thread_local char here;
  return reinterpret_cast<std::uintptr_t>(&here);
}
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
