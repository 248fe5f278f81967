// Requests of many threads -> who runs, who waits, and who is told: what a Batcher is inside.
// SPDX-License-Identifier: Apache-2.0
//
// A slot is the right to run; there are concurrent_runs of them. Who comes while one is free takes it and runs at once.
// Who comes later queues. Who ends a run passes its slot on to the oldest caller that waits, so that nobody stays to
// work for others; only where nobody waits does it go on with what was submitted, until somebody comes to relieve it.
// Hence, where requests are queued there is a thread with a slot that will look at the queue again, or one that will
// flush().
#pragma once

#include "api/batch_queue.hpp"
#include "api/batch_run.hpp"

#include <lamina/batcher.hpp>
#include <lamina/error.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace lamina::api {

using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<std::mutex>;

inline constexpr auto kNever = Clock::time_point::max();

/// A thread in a callback, linked for as long as it is there: what it calls from there it must not wait for.
struct CallingBack {
  std::thread::id thread;
  bool has_slot;
  CallingBack* next;
};

struct BatcherState {
  BatcherState(Plan p, const BatcherOptions& o) : plan(std::move(p)), options(o) {}

  // All of these are called with the lock held; those that take it give it back for a while.
  [[nodiscard]] bool slot_is_free() const noexcept { return !gathering && running < options.concurrent_runs; }
  /// Whether this thread is in a callback; with `has_slot`, in one that it makes between runs.
  [[nodiscard]] bool is_calling_back(bool has_slot) const noexcept;
  /// Throws Error{unavailable}.
  void check_open();
  Request& admit(std::span<const float> x, std::span<float> y, std::size_t rows, const RunOptions& run_options,
                 bool run_now);
  void enqueue(Request& request) noexcept;
  void begin(Lock& lock, Request& request);
  /// Runs what is queued, where a slot is free or its holder is to be relieved.
  void lead_queue(Lock& lock);
  void wait(Lock& lock, Request& request);
  void wait_or_stop(Lock& lock, Request& request);
  BatchRunOwner idle_run();
  void count(Ending ending) noexcept;
  /// Calls f with why a request that has ended has no answer; with null where it has one.
  void with_reason(const Request& request, const Batcher::Done& f) const;
  /// Ends submitted requests whose time is over or whose token asks for it.
  void end_late(Lock& lock);

  const Plan plan;
  const BatcherOptions options;
  std::mutex mutex;
  std::condition_variable company, calm;
  RequestQueue queue;
  RequestNodes nodes;
  std::vector<BatchRunOwner> idle_runs;  // as many as slots, and for a moment one per thread that is waking others
  std::size_t runs_made = 0;
  std::size_t running = 0;     // slots taken; for a moment one more for each thread that is being relieved
  std::size_t to_relieve = 0;  // threads in a run of which no request is their own
  std::size_t calls = 0;       // of run, submit and expire that have not returned
  bool gathering = false;      // the holder of a slot waits for company
  bool stopping = false;
  Clock::time_point gathering_until = {};
  Clock::time_point earliest = kNever;  // no submitted request that is queued has an earlier deadline
  CallingBack* calling_back = nullptr;
  BatcherStats stats;
  // Made beforehand: a callback is called with its reason also when memory has run out.
  const Error cancelled{Errc::cancelled, "batcher: the stop token asked for it"};
  const Error expired{Errc::deadline_exceeded, "batcher: the deadline has passed"};
  const Error no_memory{Errc::out_of_memory, "batcher: out of memory"};

 private:
  /// Ending::answered: there is no reason to.
  [[nodiscard]] static Ending why_to_end(const Request& request, Clock::time_point now) noexcept;
  [[nodiscard]] bool must_queue() const noexcept { return !slot_is_free() || is_calling_back(true); }
  [[nodiscard]] BatchRunOwner relief() noexcept;
  void lead(Lock& lock, BatchRunOwner run, const Request* own);
  void gather(Lock& lock);
  void take_batch(Lock& lock, BatchRun& run);
  void run_batch(Lock& lock, BatchRun& run, bool for_others);
  [[nodiscard]] bool appoint(BatchRun& run) noexcept;
  void end(Request& request, BatchRun& run) noexcept;
  void call_back(Lock& lock, RequestQueue& ended, bool has_slot) noexcept;
};

}  // namespace lamina::api
