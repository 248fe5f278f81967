// The public Batcher: arguments are checked, then api/batcher_state.hpp does the rest.
// SPDX-License-Identifier: Apache-2.0
#include "api/batcher_state.hpp"
#include "api/rows.hpp"
#include "base/cpus.hpp"
#include "base/fail.hpp"

#include <lamina/batcher.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace lamina {

using api::BatchRunOwner;
using api::Clock;
using api::Ending;
using api::kNever;
using api::Lock;
using api::Request;

namespace {

/// Counts a call for as long as it lasts. Made and ended with the lock held.
class Call {
 public:
  Call(std::size_t& calls, std::condition_variable& calm) : calls_(calls), calm_(calm) { ++calls_; }
  ~Call() {
    if (--calls_ == 0) calm_.notify_all();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  std::size_t& calls_;
  std::condition_variable& calm_;
};

/// Gives a node back. Ended with the lock held.
class Returned {
 public:
  Returned(api::RequestNodes& nodes, Request& request) : nodes_(nodes), request_(request) {}
  ~Returned() { nodes_.give(request_); }
  Returned(const Returned&) = delete;
  Returned& operator=(const Returned&) = delete;

 private:
  api::RequestNodes& nodes_;
  Request& request_;
};

std::size_t rows_of(const api::BatcherState& state, std::span<const float> x, std::span<float> y) {
  const std::size_t rows = api::checked_rows(state.plan.program(), x, y);
  if (rows > state.options.max_batch) {
    base::fail(Errc::invalid_argument, "batcher", "rows of a request",
               "at most max_batch = " + std::to_string(state.options.max_batch), std::to_string(rows));
  }
  return rows;
}

/// With the lock held, for each request that comes: a clock is read where somebody has a deadline.
void look_at_the_clock(api::BatcherState& state, Lock& lock, const RunOptions& options) {
  if (options.deadline == kNever && state.earliest == kNever) return;
  const Clock::time_point now = Clock::now();
  if (state.earliest <= now) state.end_late(lock);
  if (options.deadline > now) return;
  state.count(Ending::expired);
  throw state.expired;
}

void forbid_in_callback(const api::BatcherState& state, const char* call) {
  if (!state.is_calling_back(false)) return;
  base::fail(Errc::invalid_argument, "batcher", std::string(call) + " in a callback would wait for itself");
}

BatcherOptions checked(const Plan& plan, BatcherOptions options) {
  if (plan.batch_coupled()) {
    base::fail(Errc::invalid_argument, "batcher",
               "this plan works over the batch dimension: joining requests would change their answers");
  }
  if (options.max_batch == 0) base::fail(Errc::invalid_argument, "batcher", "max_batch", "at least 1", "0");
  constexpr std::chrono::microseconds kLongest = std::chrono::hours(1);
  if (options.max_delay.count() < 0 || options.max_delay > kLongest) {
    base::fail(Errc::invalid_argument, "batcher", "max_delay", "0 us to an hour",
               std::to_string(options.max_delay.count()) + " us");
  }
  if (options.max_queue_rows == 0) options.max_queue_rows = 16 * options.max_batch;
  if (options.max_queue_rows < options.max_batch) {
    base::fail(Errc::invalid_argument, "batcher", "max_queue_rows", "at least max_batch",
               std::to_string(options.max_queue_rows));
  }
  if (options.concurrent_runs == 0) {
    options.concurrent_runs = static_cast<std::size_t>(std::max(1, base::count_cpus().effective / plan.threads()));
  }
  return options;
}

}  // namespace

/// What a callback throws is lost here as elsewhere.
static void call_now(const Batcher::Done& done) noexcept {
  try {
    done(nullptr);
  } catch (...) {
  }
}

Batcher::Batcher(Plan plan, const BatcherOptions& options) {
  const BatcherOptions all = checked(plan, options);
  state_ = std::make_unique<api::BatcherState>(std::move(plan), all);
  std::vector<BatchRunOwner> runs;
  for (std::size_t i = 0; i < all.concurrent_runs; ++i) runs.push_back(state_->idle_run());
  state_->idle_runs = std::move(runs);
}

Batcher::~Batcher() { stop(); }

void Batcher::run(std::span<const float> x, std::span<float> y, const RunOptions& options) {
  const std::size_t rows = rows_of(*state_, x, y);
  if (rows == 0) return;
  Lock lock(state_->mutex);
  forbid_in_callback(*state_, "run()");
  state_->check_open();
  const Call call(state_->calls, state_->calm);
  look_at_the_clock(*state_, lock, options);
  Request& request = state_->admit(x, y, rows, options, true);
  const Returned returned(state_->nodes, request);
  state_->begin(lock, request);
  state_->wait_or_stop(lock, request);
  state_->count(request.ending);
  state_->with_reason(request, [](const Error* error) {
    if (error != nullptr) throw *error;
  });
}

void Batcher::submit(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options) {
  take(x, y, std::move(done), options, true);
}

void Batcher::enqueue(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options) {
  take(x, y, std::move(done), options, false);
}

void Batcher::take(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options, bool run_now) {
  if (!done) base::fail(Errc::invalid_argument, "batcher", "done", "a function", "none");
  const std::size_t rows = rows_of(*state_, x, y);
  if (rows == 0) return call_now(done);
  Lock lock(state_->mutex);
  state_->check_open();
  const Call call(state_->calls, state_->calm);
  look_at_the_clock(*state_, lock, options);
  Request& request = state_->admit(x, y, rows, options, run_now);
  request.done = std::move(done);
  if (!run_now) return state_->enqueue(request);
  try {
    state_->begin(lock, request);  // throws before it has done anything, or not at all
  } catch (...) {
    done = std::move(request.done);  // what it holds ends when the lock has been given back
    state_->nodes.give(request);
    throw;
  }
}

void Batcher::flush() {
  Lock lock(state_->mutex);
  const Call call(state_->calls, state_->calm);
  state_->lead_queue(lock);
}

void Batcher::expire() {
  Lock lock(state_->mutex);
  const Call call(state_->calls, state_->calm);
  state_->end_late(lock);
}

std::chrono::steady_clock::time_point Batcher::next_deadline() const {
  const Lock lock(state_->mutex);
  return state_->earliest;
}

void Batcher::stop() {
  Lock lock(state_->mutex);
  forbid_in_callback(*state_, "stop()");
  state_->stopping = true;
  state_->company.notify_all();
  const auto is_calm = [&] { return state_->calls == 0; };
  state_->calm.wait(lock, is_calm);
  while (!state_->queue.empty()) {  // enqueued and never flushed; now that all is calm, it takes no memory
    {
      const Call call(state_->calls, state_->calm);  // another thread's stop() waits for these as well
      state_->lead_queue(lock);
    }
    state_->calm.wait(lock, is_calm);
  }
}

const Plan& Batcher::plan() const noexcept { return state_->plan; }

BatcherStats Batcher::stats() const {
  const Lock lock(state_->mutex);
  BatcherStats stats = state_->stats;
  stats.queued_rows = state_->queue.rows();
  stats.running = state_->running;
  return stats;
}

}  // namespace lamina
