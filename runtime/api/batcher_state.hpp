// Requests of many threads -> who runs, who waits, and who is told: what a Batcher is inside.
// SPDX-License-Identifier: Apache-2.0
//
// A slot is the right to run; there are concurrent_runs of them. Who comes while one is free takes it and runs at once.
// Who comes later queues. Who ends a run passes its slot on to the oldest caller that waits, so that nobody stays to
// work for others; only where nobody waits does it go on with what was submitted. Hence: where requests are queued, all
// slots are taken, or their holder is waiting for more.
#include "api/batch_queue.hpp"
#include "api/batch_run.hpp"
#include "api/rows.hpp"
#include "base/cpus.hpp"
#include "base/fail.hpp"

#pragma once

#include "api/batch_queue.hpp"
#include "api/batch_run.hpp"

#include <lamina/batcher.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lamina::api {

using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<std::mutex>;

inline constexpr auto kNever = Clock::time_point::max();

struct BatcherState {
  BatcherState(Plan p, const BatcherOptions& o) : plan(std::move(p)), options(o) {}

  // All of these are called with the lock held; those that take it give it back for a while.
  [[nodiscard]] bool slot_is_free() const noexcept { return !gathering && running < options.concurrent_runs; }
  Request& admit(std::span<const float> x, std::span<float> y, std::size_t rows, const RunOptions& run_options);
  void begin(Lock& lock, Request& request);
  void wait(Lock& lock, Request& request);
  void wait_or_stop(Lock& lock, Request& request);
  BatchRunOwner idle_run();
  void lead(Lock& lock, BatchRunOwner run, const Request* own);
  void gather(Lock& lock);
  void take_batch(Lock& lock, BatchRun& run);
  void run_batch(Lock& lock, BatchRun& run);
  [[nodiscard]] bool appoint(BatchRun& run) noexcept;
  void end(Request& request, BatchRun& run) noexcept;
  void end_late(Lock& lock);
  void call_back(Lock& lock, std::vector<Request*>& submitted) noexcept;
  void count(Ending ending) noexcept;

  const Plan plan;
  const BatcherOptions options;
  std::mutex mutex;
  std::condition_variable company, calm;
  api::RequestQueue queue;
  api::RequestNodes nodes;
  std::vector<BatchRunOwner> idle_runs;  // as many as slots, and for a moment one per thread that is waking others
  std::size_t runs_made = 0;
  std::size_t running = 0;  // slots taken
  std::size_t calls = 0;    // of run and submit that have not returned
  bool gathering = false;   // the holder of a slot waits for company
  bool stopping = false;
  Clock::time_point earliest = kNever;  // no submitted request that is queued has an earlier deadline
  BatcherStats stats;
};

/// Why a request that has ended has no answer.
[[nodiscard]] Error error_of(const Request& request);

}  // namespace lamina::api
