// The public Batcher: who runs, who waits, and who is told.
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

#include <lamina/batcher.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace lamina {

using api::BatchRun;
using api::BatchRunOwner;
using api::Ending;
using api::Request;
using api::Stage;
using Clock = std::chrono::steady_clock;
using Lock = std::unique_lock<std::mutex>;

constexpr auto kNever = Clock::time_point::max();

struct Batcher::State {
  State(Plan p, const BatcherOptions& o) : plan(std::move(p)), options(o) {}

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

/// What needs no lock to be checked.
std::size_t rows_in_time(const Plan& plan, std::size_t max_batch, std::span<const float> x, std::span<float> y,
                         const RunOptions& options) {
  const std::size_t rows = api::checked_rows(plan.program(), x, y);
  if (rows > max_batch) {
    base::fail(Errc::invalid_argument, "batcher", "rows of a request",
               "at most max_batch = " + std::to_string(max_batch), std::to_string(rows));
  }
  if (options.deadline != kNever && options.deadline <= Clock::now()) {
    base::fail(Errc::deadline_exceeded, "batcher", "the deadline has passed");
  }
  return rows;
}

Error error_of(const Request& request) {
  if (request.ending == Ending::cancelled) return {Errc::cancelled, "batcher: the stop token asked for it"};
  if (request.ending == Ending::expired) return {Errc::deadline_exceeded, "batcher: the deadline has passed"};
  try {
    std::rethrow_exception(request.failure);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return {Errc::internal, std::string("batcher: ") + error.what()};
  }
}

Ending why_to_end(const Request& request, Clock::time_point now) noexcept {
  if (request.options.stop_token.stop_requested()) return Ending::cancelled;
  return request.options.deadline <= now ? Ending::expired : Ending::answered;
}

void notify(std::vector<Request*>& requests) noexcept {
  for (Request* request : requests) request->wake.notify_one();
  requests.clear();
}

BatcherOptions checked(const Plan& plan, BatcherOptions options) {
  if (plan.batch_coupled()) {
    base::fail(Errc::invalid_argument, "batcher",
               "this plan works over the batch dimension: joining requests would change their answers");
  }
  if (options.max_batch == 0) base::fail(Errc::invalid_argument, "batcher", "max_batch", "at least 1", "0");
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

// ---- who comes ------------------------------------------------------------------------------------------------------

Request& Batcher::State::admit(std::span<const float> x, std::span<float> y, std::size_t rows,
                               const RunOptions& run_options) {
  const bool full = !slot_is_free() && queue.rows() + rows > options.max_queue_rows;
  if (stopping || full) ++stats.refused;
  if (stopping) base::fail(Errc::unavailable, "batcher", "it is being shut down");
  if (full) {
    base::fail(Errc::unavailable, "batcher", "the queue is full",
               "at most " + std::to_string(options.max_queue_rows) + " rows",
               std::to_string(queue.rows()) + " and " + std::to_string(rows) + " more");
  }
  Request& request = nodes.take();
  request.x = x.data();
  request.y = y.data();
  request.rows = rows;
  request.options = run_options;
  if (options.max_delay.count() > 0) {
    const Clock::time_point now = Clock::now();
    const Clock::duration left = run_options.deadline == kNever ? Clock::duration::max() : run_options.deadline - now;
    request.company_until = now + std::min<Clock::duration>(options.max_delay, left / 2);
  }
  return request;
}

/// Runs `request` at once where a slot is free, or, where company is wanted, after having waited for some; else queues.
void Batcher::State::begin(Lock& lock, Request& request) {
  const Request* own = request.has_caller() ? &request : nullptr;
  const bool at_once = options.max_delay.count() == 0 || request.rows == options.max_batch;
  if (!slot_is_free()) {
    queue.push(request);
    if (own == nullptr) earliest = std::min(earliest, request.options.deadline);
    if (gathering) company.notify_one();
    return;
  }
  BatchRunOwner run = idle_run();
  ++running;
  if (at_once) {
    request.stage = Stage::taken;
    run->batch.push_back(&request);
  } else {
    queue.push(request);
  }
  lead(lock, std::move(run), own);
}

/// Until `request`, which has been queued, has ended.
void Batcher::State::wait(Lock& lock, Request& request) {
  const bool limited = request.options.deadline != kNever;
  while (request.run || request.stage != Stage::ended) {
    if (request.run) {
      lead(lock, std::move(request.run), &request);
      continue;
    }
    const bool queued = request.stage == Stage::queued;
    if (queued) request.ending = why_to_end(request, limited ? Clock::now() : Clock::time_point::min());
    if (queued && request.ending != Ending::answered) {
      queue.remove(request);
      request.stage = Stage::ended;
    } else if (queued && limited) {
      request.wake.wait_until(lock, request.options.deadline);
    } else {
      request.wake.wait(lock);
    }
  }
}

void Batcher::State::wait_or_stop(Lock& lock, Request& request) {
  const std::stop_token token = request.options.stop_token;
  if (!token.stop_possible()) return wait(lock, request);
  const auto wake = [&] {
    const Lock guard(mutex);
    request.wake.notify_one();
  };
  lock.unlock();  // a stop may be going on: it wants the lock, and making or ending the callback waits for it
  {
    const std::stop_callback on_stop(token, wake);
    lock.lock();
    wait(lock, request);
    lock.unlock();
  }
  lock.lock();
}

// ---- who runs -------------------------------------------------------------------------------------------------------

BatchRunOwner Batcher::State::idle_run() {
  if (idle_runs.empty()) {
    idle_runs.reserve(++runs_made);  // giving one back needs no memory
    return BatchRunOwner(new BatchRun(plan, options.max_batch, options.max_queue_rows + options.max_batch));
  }
  BatchRunOwner run = std::move(idle_runs.back());
  idle_runs.pop_back();
  return run;
}

/// With a slot: runs, and passes the slot on. `own` is the request of the caller in whose thread this is.
void Batcher::State::lead(Lock& lock, BatchRunOwner run, const Request* own) {
  while (true) {
    if (run->batch.empty()) take_batch(lock, *run);
    if (!run->batch.empty()) run_batch(lock, *run);
    // Before the slot is passed on: a callback that submits again finds this thread's slot taken, and cannot recurse.
    if (!run->submitted.empty()) call_back(lock, run->submitted);
    const bool own_waits = own != nullptr && own->stage == Stage::queued;
    if (!own_waits && (queue.empty() || gathering)) {
      --running;
      break;
    }
    if (!own_waits && appoint(*run)) break;
    lock.unlock();
    notify(run->with_caller);
    lock.lock();
  }
  lock.unlock();
  notify(run->with_caller);
  lock.lock();
  idle_runs.push_back(std::move(run));
}

/// Gives a slot to the oldest caller that waits. False where none does, or there is no memory for what it needs.
bool Batcher::State::appoint(BatchRun& run) noexcept {
  Request* heir = queue.oldest_caller();
  if (heir == nullptr) return false;
  try {
    heir->run = idle_run();
  } catch (...) {
    return false;
  }
  run.with_caller.push_back(heir);
  std::swap(run.with_caller.front(), run.with_caller.back());  // is woken first
  return true;
}

/// Until a batch is full, or one of those that wait has waited long enough.
void Batcher::State::gather(Lock& lock) {
  gathering = true;
  while (!stopping && !queue.empty() && queue.rows() < options.max_batch) {
    Clock::time_point until = kNever;
    for (const Request* r = queue.first(); r != nullptr; r = r->next) until = std::min(until, r->company_until);
    if (Clock::now() >= until) break;
    company.wait_until(lock, until);
  }
  gathering = false;
}

/// The oldest that fit, in order: a large request is not passed by.
void Batcher::State::take_batch(Lock& lock, BatchRun& run) {
  if (options.max_delay.count() > 0 && !gathering) gather(lock);
  const Clock::time_point now = Clock::now();
  std::size_t rows = 0;
  while (!queue.empty()) {
    Request& request = *queue.first();
    request.ending = why_to_end(request, now);
    if (request.ending == Ending::answered) {
      rows += request.rows;
      if (rows > options.max_batch) break;
      request.stage = Stage::taken;
      run.batch.push_back(&request);
    }
    queue.remove(request);
    if (request.ending != Ending::answered) end(request, run);
  }
  // What came while this slot waited for company and does not fit may have one of its own.
  if (!queue.empty() && slot_is_free() && appoint(run)) ++running;
}

void Batcher::State::run_batch(Lock& lock, BatchRun& run) {
  lock.unlock();
  notify(run.with_caller);  // those that were too late, and an heir
  run.run(plan);
  lock.lock();
  ++stats.runs;
  stats.rows += run.rows();
  for (Request* request : run.batch) end(*request, run);
  run.batch.clear();
}

// ---- who is told ----------------------------------------------------------------------------------------------------

void Batcher::State::end(Request& request, BatchRun& run) noexcept {
  request.stage = Stage::ended;
  (request.has_caller() ? run.with_caller : run.submitted).push_back(&request);
}

void Batcher::State::call_back(Lock& lock, std::vector<Request*>& submitted) noexcept {
  for (const Request* request : submitted) count(request->ending);
  lock.unlock();
  for (Request* request : submitted) {
    try {
      if (request->ending == Ending::answered) {
        request->done(nullptr);
      } else {
        const Error error = error_of(*request);
        request->done(&error);
      }
    } catch (...) {
      // The callback's own: there is nobody here whom it would concern.
    }
  }
  lock.lock();
  for (Request* request : submitted) nodes.give(*request);
  submitted.clear();
}

/// Submitted requests whose time is over or whose token asks for it.
void Batcher::State::end_late(Lock& lock) {
  const Clock::time_point now = Clock::now();
  std::vector<Request*> late;
  earliest = kNever;
  for (Request *request = queue.first(), *next = nullptr; request != nullptr; request = next) {
    next = request->next;
    if (request->has_caller()) continue;
    request->ending = why_to_end(*request, now);
    if (request->ending == Ending::answered) {
      earliest = std::min(earliest, request->options.deadline);
      continue;
    }
    late.push_back(request);
  }
  for (Request* request : late) queue.remove(*request);
  if (!late.empty()) call_back(lock, late);
}

void Batcher::State::count(Ending ending) noexcept {
  switch (ending) {
    case Ending::answered:
      ++stats.answered;
      break;
    case Ending::cancelled:
      ++stats.cancelled;
      break;
    case Ending::expired:
      ++stats.expired;
      break;
    case Ending::failed:
      ++stats.failed;
      break;
  }
}

// ---- the public face ------------------------------------------------------------------------------------------------

Batcher::Batcher(Plan plan, const BatcherOptions& options) {
  const BatcherOptions all = checked(plan, options);
  state_ = std::make_unique<State>(std::move(plan), all);
  std::vector<BatchRunOwner> runs;
  for (std::size_t i = 0; i < all.concurrent_runs; ++i) runs.push_back(state_->idle_run());
  state_->idle_runs = std::move(runs);
}

Batcher::~Batcher() { stop(); }

void Batcher::run(std::span<const float> x, std::span<float> y, const RunOptions& options) {
  const std::size_t rows = rows_in_time(state_->plan, state_->options.max_batch, x, y, options);
  if (rows == 0) return;
  Lock lock(state_->mutex);
  const Call call(state_->calls, state_->calm);
  if (state_->earliest != kNever && state_->earliest <= Clock::now()) state_->end_late(lock);
  Request& request = state_->admit(x, y, rows, options);
  const Returned returned(state_->nodes, request);
  state_->begin(lock, request);
  state_->wait_or_stop(lock, request);
  state_->count(request.ending);
  if (request.ending != Ending::answered) throw error_of(request);
}

void Batcher::submit(std::span<const float> x, std::span<float> y, Done done, const RunOptions& options) {
  if (!done) base::fail(Errc::invalid_argument, "batcher", "done", "a function", "none");
  const std::size_t rows = rows_in_time(state_->plan, state_->options.max_batch, x, y, options);
  if (rows == 0) return done(nullptr);
  Lock lock(state_->mutex);
  const Call call(state_->calls, state_->calm);
  if (state_->earliest != kNever && state_->earliest <= Clock::now()) state_->end_late(lock);
  Request& request = state_->admit(x, y, rows, options);
  request.done = std::move(done);
  try {
    state_->begin(lock, request);  // throws before it has done anything, or not at all
  } catch (...) {
    state_->nodes.give(request);
    throw;
  }
}

void Batcher::expire() {
  Lock lock(state_->mutex);
  const Call call(state_->calls, state_->calm);
  state_->end_late(lock);
}

void Batcher::stop() {
  Lock lock(state_->mutex);
  state_->stopping = true;
  state_->company.notify_all();
  state_->calm.wait(lock, [&] { return state_->calls == 0; });
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
