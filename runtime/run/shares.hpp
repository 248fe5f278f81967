// Work cut into parts -> who does which: each thread its own share first, then what others have not begun.
// SPDX-License-Identifier: Apache-2.0
//
// One fork-join serves a whole run, and its threads may come late or not at all: the arena may be busy, a sleeping
// worker takes up to 16 us. So nobody waits for work that nobody has taken: who is done with his own share takes parts
// of the others', and waits only for parts that are being computed. Own shares are the same in every run, so that
// a thread finds in its L2 the weights that it read last time.
#pragma once

#include "run/company.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

namespace lamina::run {

/// One thread's share of one phase, on a cache line of its own: only thieves and the final look touch it from
/// elsewhere.
struct alignas(64) Share {
  std::atomic<std::uint32_t> begun{0};  // parts that somebody has taken; may count beyond the last
  std::atomic<std::uint32_t> done{0};
};

/// What a Workspace keeps for runs on several threads.
struct SharingState {
  std::unique_ptr<Share[]> shares;
  Company company;
  std::chrono::steady_clock::time_point last_run = {};  // when the latest one that was worth sharing ended
};

inline void pause_spinning() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Does parts of the `threads` shares of one phase, beginning with those of share `own`, until all are taken.
/// work.parts(share) says how many a share has, work(share, part) does one.
template <class Work>
void work_on(Share* shares, std::size_t threads, std::size_t own, const Work& work) {
  for (std::size_t i = 0; i < threads; ++i) {
    const std::size_t index = own + i < threads ? own + i : own + i - threads;
    Share& share = shares[index];
    const std::uint32_t count = work.parts(index);
    while (share.begun.load(std::memory_order_relaxed) < count) {
      const std::uint32_t part = share.begun.fetch_add(1, std::memory_order_relaxed);
      if (part >= count) break;
      work(index, part);
      share.done.fetch_add(1, std::memory_order_release);
    }
  }
}

/// Returns when every part is done. To be called after work_on: then all of them have been taken.
template <class Work>
void wait_for(const Share* shares, std::size_t threads, const Work& work) {
  constexpr int kSpins = 4096;  // some 50 us: longer than a part, so the thread that has it has lost its core
  constexpr int kYields = 64;   // a yield does nothing for a thread of lower priority, which may be the one
  for (std::size_t i = 0; i < threads; ++i) {
    for (int spins = 0; shares[i].done.load(std::memory_order_acquire) != work.parts(i); ++spins) {
      if (spins < kSpins) {
        pause_spinning();
      } else if (spins < kSpins + kYields) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
  }
}

/// Before the fork.
inline void reset(Share* shares, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    shares[i].begun.store(0, std::memory_order_relaxed);
    shares[i].done.store(0, std::memory_order_relaxed);
  }
}

}  // namespace lamina::run
