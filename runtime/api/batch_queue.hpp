// Requests that wait -> first in, first out, any of them removable in the middle; and the nodes that they live in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/batcher.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace lamina::api {

struct BatchRun;
struct DeleteBatchRun {
  void operator()(BatchRun* run) const noexcept;
};
using BatchRunOwner = std::unique_ptr<BatchRun, DeleteBatchRun>;

enum class Stage : std::uint8_t { queued, taken, ended };
enum class Ending : std::uint8_t { answered, cancelled, expired, failed };

/// One call of Batcher::run or submit. All fields are guarded by the Batcher's mutex, but x, y, rows and options of a
/// request that has been taken, and all of a submitted one that has ended.
struct Request {
  const float* x = nullptr;
  float* y = nullptr;
  std::size_t rows = 0;
  RunOptions options;
  Batcher::Done done;                                        // empty: a caller waits
  std::chrono::steady_clock::time_point company_until = {};  // waits no longer for others to join
  Stage stage = Stage::queued;
  Ending ending = Ending::answered;
  std::exception_ptr failure;
  BatchRunOwner run;  // that its caller has been given to do
  std::condition_variable wake;
  Request* previous = nullptr;
  Request* next = nullptr;

  [[nodiscard]] bool has_caller() const noexcept { return !done; }
};

/// Links nodes that it does not own.
class RequestQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] Request* first() const noexcept { return first_; }

  void push(Request& request) noexcept {
    request.previous = last_;
    request.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &request;
    last_ = &request;
    rows_ += request.rows;
  }
  Request& pop() noexcept {
    Request& request = *first_;
    remove(request);
    return request;
  }
  void remove(Request& request) noexcept {
    (request.previous == nullptr ? first_ : request.previous->next) = request.next;
    (request.next == nullptr ? last_ : request.next->previous) = request.previous;
    rows_ -= request.rows;
  }
  /// The oldest whose caller waits and has no run to do yet; null where there is none.
  [[nodiscard]] Request* oldest_caller() const noexcept {
    Request* request = first_;
    while (request != nullptr && (!request->has_caller() || request->run)) request = request->next;
    return request;
  }

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
  std::size_t rows_ = 0;
};

/// Nodes live as long as this, and so does what a late notify_one() touches after its caller has gone.
class RequestNodes {
 public:
  [[nodiscard]] Request& take() {
    if (idle_.empty()) {
      idle_.reserve(all_.size() + 1);  // so that give() needs no memory
      all_.push_back(std::make_unique<Request>());
      return *all_.back();
    }
    Request& request = *idle_.back();
    idle_.pop_back();
    return request;
  }
  void give(Request& request) noexcept {
    request.options = {};
    request.done = nullptr;
    request.failure = nullptr;
    idle_.push_back(&request);
  }

 private:
  std::vector<std::unique_ptr<Request>> all_;
  std::vector<Request*> idle_;
};

}  // namespace lamina::api
