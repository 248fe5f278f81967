// Requests that were taken together -> one run of the Plan, the answers where each wants them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/batch_queue.hpp"

#include <lamina/plan.hpp>

#include <cstddef>
#include <exception>
#include <vector>

namespace lamina::api {

/// What one run needs, made once and used again.
struct BatchRun {
  BatchRun(const Plan& plan, std::size_t max_batch, std::size_t max_requests);

  /// One request runs from its memory into its memory and under its options; several are copied together, and run to
  /// the end, or until the last of their deadlines has passed. Sets ending and failure of each. No allocation.
  void run(const Plan& plan) noexcept;
  [[nodiscard]] std::size_t rows() const noexcept;

  std::vector<Request*> batch;
  // To be told: callers, which may be gone before they are (their nodes are not), and submitted requests that have
  // ended.
  std::vector<Request*> with_caller;
  RequestQueue submitted;

 private:
  Workspace workspace_;
  std::vector<float> x_, y_;
};

}  // namespace lamina::api
