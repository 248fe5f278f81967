// Requests of many threads -> joined into runs of one Plan, each with the answer that it would get alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>
#include <lamina/export.hpp>
#include <lamina/plan.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace lamina {

namespace api {
struct BatcherState;  // internal
}

struct BatcherOptions {
  /// Most rows of one run, and of one request.
  std::size_t max_batch = 64;
  /// How long a request may wait for others to join it although nothing runs. 0: what queues while a run is going on
  /// goes into the next one, and nobody waits for company.
  std::chrono::microseconds max_delay{0};
  /// Rows that may wait; beyond it requests are refused at once: Error{unavailable}. 0: 16 x max_batch.
  std::size_t max_queue_rows = 0;
  /// Runs at a time. 0: effective CPUs / threads of the Plan, at least 1.
  std::size_t concurrent_runs = 0;
};

/// Counted since construction; each request ends in one of the first five.
struct BatcherStats {
  std::uint64_t answered = 0, refused = 0, cancelled = 0, expired = 0, failed = 0;
  std::uint64_t runs = 0;  ///< rows / runs is the mean batch
  std::uint64_t rows = 0;  ///< of all runs
  /// Runs by their rows: [i] those of at most 2^i, and more than 2^(i-1); the last also those of more.
  std::array<std::uint64_t, 12> runs_of{};
  std::size_t queued_rows = 0;  ///< now
  std::size_t running = 0;      ///< runs now
};

/// Joins concurrent requests of 1 to max_batch rows (never split) into runs of one Plan. Because a row's bits do not
/// depend on its batch, joining never changes an answer. It owns no thread: where fewer than concurrent_runs runs are
/// going on, the caller runs its rows itself, from its memory into its memory. Otherwise its request queues; whoever
/// ends a run hands over to a waiting caller, which takes what has queued, oldest first.
///
/// Any number of threads may call at once. Costs a mutex per request, held for as long as it takes to link it into the
/// queue; no allocation once as many requests have waited before.
class LAMINA_API Batcher {
 public:
  /// Null for an answer; else why there is none.
  using Done = std::function<void(const Error* error)>;

  /// Throws Error{invalid_argument}: max_batch is 0, max_delay is beyond an hour, max_queue_rows is less than
  /// max_batch, or the Plan is batch_coupled().
  explicit Batcher(Plan plan, const BatcherOptions& options = {});
  /// stop(): not in a callback, nor by the last shared_ptr that one holds, which ends the process; nor while another
  /// thread is in stop().
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// y = network(x) when it returns. Waits at most until options.deadline for its answer; with the answer it may first
  /// run what others have submitted, callbacks included, until another call relieves it or nothing is left. A deadline
  /// or a stop fires while the request waits, however long others run, and during its own run if it runs alone. Rows
  /// that have been joined with those of others are computed to the end, or until the last of their deadlines. Throws
  /// what Plan::run throws, and Error{unavailable}.
  void run(std::span<const float> x, std::span<float> y, const RunOptions& options = {});

  /// The same without waiting for others: `done` is called once, from this call or from another thread's; x and y must
  /// last until then. Throws as run() does for arguments, a deadline in the past and Error{unavailable}; `done` is then
  /// never called. Where a run is free this call does it (and waits max_delay for company first), and further ones for
  /// what has been submitted meanwhile, until another call comes to relieve it or nothing is left.
  ///
  /// `done` should be short: the next run waits for it. It may submit again; run() and stop() are refused there. What
  /// it throws is lost. Nobody waits for a submitted request: its deadline or stop is noticed when a call is made, when
  /// a run ends, or by expire().
  void submit(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options = {});

  /// submit() for a thread that has several requests at once, as an event loop has after one look at its sockets:
  /// queues only, so that they can be joined, and runs nothing. flush() must follow; until then only other calls' runs
  /// take them.
  void enqueue(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options = {});
  /// Runs what is queued where a run is free, as submit() does.
  void flush();

  /// Ends the submitted requests whose deadline has passed or whose token asks for it, also while others run: for a
  /// host's timer.
  void expire();
  /// No submitted request that waits has an earlier deadline: when the timer should call expire(). max() where none
  /// has.
  [[nodiscard]] std::chrono::steady_clock::time_point next_deadline() const;

  /// Refuses what comes from now on, answers what is queued, returns when no request is left. For a graceful end; no
  /// call may be made once destruction has begun.
  void stop();

  [[nodiscard]] const Plan& plan() const noexcept;
  [[nodiscard]] BatcherStats stats() const;

 private:
  void take(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options, bool run_now);
  std::unique_ptr<api::BatcherState> state_;
};

}  // namespace lamina
