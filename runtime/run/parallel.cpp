// Independent tasks -> oneTBB: one fork-join.
// SPDX-License-Identifier: Apache-2.0
#include "run/parallel.hpp"

#include "run/shares.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <tbb/version.h>

#include <atomic>

namespace lamina::run {
namespace {

/// How many tasks of a fork-join have begun and ended.
struct Progress {
  alignas(64) std::atomic<std::size_t> begun{0};
  std::atomic<std::size_t> ended{0};

  /// For a caller that is done. oneTBB looks for other work before it looks whether a task has ended, and pauses
  /// 0.4 us in between; so look here, for as long as a part takes at most, and come to it when all is over.
  void wait() const noexcept {
    constexpr int kSpins = 4096;
    for (int i = 0; i < kSpins && ended.load(std::memory_order_acquire) != begun.load(std::memory_order_relaxed); ++i) {
      pause_spinning();
    }
  }
};

void fork_join(std::size_t count, TaskFn fn, void* context) {
  // oneTBB orders the tasks after this line and before the return. Said once more in our own code, because
  // ThreadSanitizer cannot see into a libtbb that it did not compile: two operations per task.
  Progress progress;
  progress.begun.store(0, std::memory_order_release);
  tbb::task_group_context own(tbb::task_group_context::isolated);  // a host that cancels its tasks must not cancel ours
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(
        std::size_t{0}, count,
        [&](std::size_t i) {
          progress.begun.fetch_add(1, std::memory_order_acquire);
          fn(context, i);
          progress.ended.fetch_add(1, std::memory_order_release);
          if (i == 0) progress.wait();
        },
        tbb::static_partitioner(), own);
  });
  (void)progress.ended.load(std::memory_order_acquire);
}

}  // namespace

bool has_threads() noexcept { return true; }

void parallel_for(std::size_t count, TaskFn fn, void* context) noexcept {
  try {
    fork_join(count, fn, context);
  } catch (...) {
    // oneTBB had no memory for its tasks. Those that it did run are over; whoever comes later finds nothing left to do.
    for (std::size_t i = 0; i < count; ++i) fn(context, i);
  }
}

void warm_up(std::size_t count) {
  fork_join(
      count, [](void*, std::size_t) noexcept {}, nullptr);
}

std::string tbb_version() {
  const int version = TBB_runtime_interface_version();  // 12080 for 2021.8
  return std::to_string(2009 + version / 1000) + "." + std::to_string(version / 10 % 100);
}

}  // namespace lamina::run
