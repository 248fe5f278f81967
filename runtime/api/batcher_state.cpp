// Requests of many threads -> who runs, who waits, and who is told: what a Batcher is inside.
// SPDX-License-Identifier: Apache-2.0
#include "api/batcher_state.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace lamina::api {
namespace {

Ending why_to_end(const Request& request, Clock::time_point now) noexcept {
  if (request.options.stop_token.stop_requested()) return Ending::cancelled;
  return request.options.deadline <= now ? Ending::expired : Ending::answered;
}

void notify(std::vector<Request*>& requests) noexcept {
  for (Request* request : requests) request->wake.notify_one();
  requests.clear();
}

}  // namespace

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

// ---- who comes ------------------------------------------------------------------------------------------------------

Request& BatcherState::admit(std::span<const float> x, std::span<float> y, std::size_t rows,
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
void BatcherState::begin(Lock& lock, Request& request) {
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

/// With a slot: runs, and passes the slot on. `own` is the request of the caller in whose thread this is.
void BatcherState::lead(Lock& lock, BatchRunOwner run, const Request* own) {
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

/// Until a batch is full, or one of those that wait has waited long enough.
void BatcherState::gather(Lock& lock) {
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
  // What came while this slot waited for company and does not fit may have one of its own.
  if (!queue.empty() && slot_is_free() && appoint(run)) ++running;
}

void BatcherState::run_batch(Lock& lock, BatchRun& run) {
  lock.unlock();
  notify(run.with_caller);  // those that were too late, and an heir
  run.run(plan);
  lock.lock();
  ++stats.runs;
  const std::size_t rows = run.rows();
  stats.rows += rows;
  ++stats.runs_of[std::min<std::size_t>(std::bit_width(rows - 1), stats.runs_of.size() - 1)];
  for (Request* request : run.batch) end(*request, run);
  run.batch.clear();
}

// ---- who is told ----------------------------------------------------------------------------------------------------

void BatcherState::end(Request& request, BatchRun& run) noexcept {
  request.stage = Stage::ended;
  (request.has_caller() ? run.with_caller : run.submitted).push_back(&request);
}

void BatcherState::call_back(Lock& lock, std::vector<Request*>& submitted) noexcept {
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
void BatcherState::end_late(Lock& lock) {
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

void BatcherState::count(Ending ending) noexcept {
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

}  // namespace lamina::api
