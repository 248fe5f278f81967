// Requests of many threads -> who runs and who waits.
// SPDX-License-Identifier: Apache-2.0
#include "api/batcher_state.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace lamina::api {
namespace {

void notify(std::vector<Request*>& requests) noexcept {
  for (Request* request : requests) request->wake.notify_one();
  requests.clear();
}

}  // namespace

// ---- who comes ------------------------------------------------------------------------------------------------------

bool BatcherState::is_calling_back(bool has_slot) const noexcept {
  const CallingBack* here = calling_back;
  while (here != nullptr && (here->thread != std::this_thread::get_id() || (has_slot && !here->has_slot))) {
    here = here->next;
  }
  return here != nullptr;
}

void BatcherState::check_open() {
  if (!stopping) return;
  ++stats.refused;
  base::fail(Errc::unavailable, "batcher", "it is being shut down");
}

Request& BatcherState::admit(std::span<const float> x, std::span<float> y, std::size_t rows,
                             const RunOptions& run_options, bool run_now) {
  check_open();  // once more: late requests may have been called back meanwhile
  if ((!run_now || must_queue()) && queue.rows() + rows > options.max_queue_rows) {
    ++stats.refused;
    base::fail(Errc::unavailable, "batcher", "the queue is full",
               "at most " + std::to_string(options.max_queue_rows) + " rows",
               std::to_string(queue.rows()) + " and " + std::to_string(rows) + " more");
  }
  Request& request = nodes.take();
  request.x = x.data();
  request.y = y.data();
  request.rows = rows;
  request.options = run_options;
  request.stage = Stage::queued;
  if (options.max_delay.count() > 0) {
    const Clock::time_point now = Clock::now();
    const Clock::duration left = run_options.deadline == kNever ? Clock::duration::max() : run_options.deadline - now;
    request.company_until = now + std::min<Clock::duration>(options.max_delay, left / 2);
  }
  return request;
}

void BatcherState::enqueue(Request& request) noexcept {
  queue.push(request);
  if (!request.has_caller()) earliest = std::min(earliest, request.options.deadline);
  if (gathering && (queue.rows() >= options.max_batch || request.company_until < gathering_until)) company.notify_one();
}

/// Runs `request` at once where a slot is free, or, where company is wanted, after having waited for some; else queues.
void BatcherState::begin(Lock& lock, Request& request) {
  const Request* own = request.has_caller() ? &request : nullptr;
  const bool at_once = options.max_delay.count() == 0 || request.rows == options.max_batch;
  if (must_queue()) {
    enqueue(request);
    if (own == nullptr) lead_queue(lock);
    return;
  }
  BatchRunOwner run = idle_run();
  ++running;
  if (at_once && queue.empty()) {
    request.stage = Stage::taken;
    run->batch.push_back(&request);
  } else {
    enqueue(request);
  }
  lead(lock, std::move(run), own);
}

void BatcherState::lead_queue(Lock& lock) {
  if (queue.empty()) return;
  BatchRunOwner run;
  if (must_queue()) {
    run = relief();
  } else {
    run = idle_run();
    ++running;
  }
  if (run) lead(lock, std::move(run), nullptr);
}

/// What a thread that submits needs to take over from one that has worked for others long enough: a slot too many,
/// until that one ends its run and leaves. Null where there is none, or no memory: it then goes on.
BatchRunOwner BatcherState::relief() noexcept {
  if (to_relieve == 0 || gathering || is_calling_back(false)) return nullptr;
  try {
    BatchRunOwner run = idle_run();
    --to_relieve;
    ++running;
    return run;
  } catch (...) {
    return nullptr;
  }
}

/// Until `request`, which has been queued, has ended.
void BatcherState::wait(Lock& lock, Request& request) {
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

void BatcherState::wait_or_stop(Lock& lock, Request& request) {
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

BatchRunOwner BatcherState::idle_run() {
  if (idle_runs.empty()) {
    idle_runs.reserve(++runs_made);  // giving one back needs no memory
    return BatchRunOwner(new BatchRun(plan, options.max_batch, options.max_queue_rows + options.max_batch));
  }
  BatchRunOwner run = std::move(idle_runs.back());
  idle_runs.pop_back();
  return run;
}

/// With a slot: runs, and passes the slot on. `own` is the request of the caller in whose thread this is, null for a
/// submitted one.
void BatcherState::lead(Lock& lock, BatchRunOwner run, const Request* own) {
  bool for_others = false;
  while (true) {
    if (run->batch.empty()) take_batch(lock, *run);
    if (!run->batch.empty()) run_batch(lock, *run, for_others);
    // Before the slot is passed on: a callback that submits again finds this thread's slot taken, and cannot recurse.
    if (!run->submitted.empty()) {
      lock.unlock();
      notify(run->with_caller);
      lock.lock();
      call_back(lock, run->submitted, true);
    }
    const bool own_waits = own != nullptr && own->stage == Stage::queued;
    const bool relieved = for_others && running > options.concurrent_runs;
    if (!own_waits && (relieved || queue.empty() || gathering)) {
      --running;
      break;
    }
    if (!own_waits && appoint(*run)) break;
    for_others = !own_waits;
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
bool BatcherState::appoint(BatchRun& run) noexcept {
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

/// Until a batch is full, or one of those that wait has waited long enough or is given up. Stop tokens are looked at
/// each millisecond: nobody who asks for a stop knows of this wait.
void BatcherState::gather(Lock& lock) {
  gathering = true;
  while (!stopping && !queue.empty() && queue.rows() < options.max_batch) {
    gathering_until = kNever;
    bool stoppable = false;
    for (const Request* r = queue.first(); r != nullptr; r = r->next) {
      const std::stop_token& token = r->options.stop_token;
      stoppable = stoppable || token.stop_possible();
      gathering_until = std::min(gathering_until, token.stop_requested() ? Clock::time_point::min() : r->company_until);
    }
    const Clock::time_point now = Clock::now();
    if (now >= gathering_until) break;
    constexpr std::chrono::milliseconds kLook{1};
    company.wait_until(lock, stoppable ? std::min(gathering_until, now + kLook) : gathering_until);
  }
  gathering = false;
}

/// The oldest that fit, in order: a large request is not passed by.
void BatcherState::take_batch(Lock& lock, BatchRun& run) {
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
  if (queue.empty()) earliest = kNever;
  // What came while this slot waited for company and does not fit may have one of its own.
  if (!queue.empty() && slot_is_free() && appoint(run)) ++running;
}

void BatcherState::run_batch(Lock& lock, BatchRun& run, bool for_others) {
  if (for_others) ++to_relieve;
  lock.unlock();
  notify(run.with_caller);  // those that were too late, and an heir
  run.run(plan);
  lock.lock();
  if (for_others && to_relieve > 0) --to_relieve;
  ++stats.runs;
  const std::size_t rows = run.rows();
  stats.rows += rows;
  ++stats.runs_of[std::min<std::size_t>(std::bit_width(rows - 1), stats.runs_of.size() - 1)];
  for (Request* request : run.batch) end(*request, run);
  run.batch.clear();
}

}  // namespace lamina::api
