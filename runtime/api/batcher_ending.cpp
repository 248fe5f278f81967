// Requests that have ended -> their callers and callbacks know it.
// SPDX-License-Identifier: Apache-2.0
#include "api/batcher_state.hpp"

#include <exception>
#include <thread>
#include <utility>

namespace lamina::api {

Ending BatcherState::why_to_end(const Request& request, Clock::time_point now) noexcept {
  if (request.options.stop_token.stop_requested()) return Ending::cancelled;
  return request.options.deadline <= now ? Ending::expired : Ending::answered;
}

void BatcherState::end(Request& request, BatchRun& run) noexcept {
  request.stage = Stage::ended;
  if (request.has_caller()) {
    run.with_caller.push_back(&request);
  } else {
    run.submitted.push(request);
  }
}

void BatcherState::end_late(Lock& lock) {
  const Clock::time_point now = Clock::now();
  RequestQueue late;
  earliest = kNever;
  for (Request *request = queue.first(), *next = nullptr; request != nullptr; request = next) {
    next = request->next;
    if (request->has_caller()) continue;
    request->ending = why_to_end(*request, now);
    if (request->ending == Ending::answered) {
      earliest = std::min(earliest, request->options.deadline);
      continue;
    }
    queue.remove(*request);
    late.push(*request);
  }
  if (!late.empty()) call_back(lock, late, false);
}

void BatcherState::call_back(Lock& lock, RequestQueue& ended, bool has_slot) noexcept {
  for (const Request* request = ended.first(); request != nullptr; request = request->next) count(request->ending);
  CallingBack here{std::this_thread::get_id(), has_slot, calling_back};
  calling_back = &here;
  while (!ended.empty()) {
    Request& request = ended.pop();
    lock.unlock();
    try {
      with_reason(request, std::exchange(request.done, nullptr));  // ends here: what it holds may call the Batcher
    } catch (...) {
      // The callback's own: there is nobody here whom it would concern.
    }
    lock.lock();
    nodes.give(request);
  }
  CallingBack** link = &calling_back;
  while (*link != &here) link = &(*link)->next;
  *link = here.next;
}

void BatcherState::with_reason(const Request& request, const Batcher::Done& f) const {
  if (request.ending == Ending::answered) return f(nullptr);
  if (request.ending == Ending::cancelled) return f(&cancelled);
  if (request.ending == Ending::expired) return f(&expired);
  try {
    std::rethrow_exception(request.failure);
  } catch (const Error& error) {
    f(&error);
  } catch (...) {
    f(&no_memory);  // for the text of an Error
  }
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
