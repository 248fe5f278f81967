// Whether a caller's helpers came -> a caller that makes room for them, and helpers that leave its CPU.
// SPDX-License-Identifier: Apache-2.0
//
// Linux often wakes a thread on the CPU of who wakes it, or where it last ran, and looks for an idle one only while the
// CPUs that share the cache are little used. A helper that is put behind its caller waits for the end of a time slice,
// 2 to 3 ms, in each run anew, beside an idle CPU. Spinning or pinned threads would not be met by this, but a guest has
// neither. So the caller yields once, right after it has called, which costs 0.3 us where nobody waits for its CPU; a
// helper that then finds itself there asks for any other. 784-128-10, 512 rows, two threads, after 20 ms of sleep: the
// first run 1020 -> 620 us, the next ones 914 -> 467.
#pragma once

#include <atomic>
#include <cstdint>

namespace lamina::run {

/// Of one Workspace, so that no two callers touch the same one.
class Company {
 public:
  /// In the caller, before the fork. `asleep`: the helpers are thought to sleep.
  void call(bool asleep) noexcept;

  /// In each task, first. Says whether helpers came, and costs a few ns where they did last time.
  void arrive() noexcept;

  /// Whether the caller will yield as it arrives.
  [[nodiscard]] bool yielding() const noexcept { return yielding_; }

 private:
  std::uintptr_t caller_ = 0;
  int cpu_ = -1;                     // the caller's
  std::uint32_t patience_ = 0;       // lonely runs until the caller yields
  std::uint32_t next_patience_ = 1;  // doubles while yielding is in vain: then other work holds the CPUs
  bool yielding_ = false;
  std::atomic<bool> came_{true};
};

}  // namespace lamina::run
