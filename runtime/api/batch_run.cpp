// Requests that were taken together -> one run of the Plan, the answers where each wants them.
// SPDX-License-Identifier: Apache-2.0
#include "api/batch_run.hpp"

#include <lamina/error.hpp>

#include <algorithm>

namespace lamina::api {
namespace {

void run_joined(const Plan& plan, const std::vector<Request*>& batch, std::vector<float>& x, std::vector<float>& y,
                Workspace& workspace) {
  const std::size_t in = plan.input_size(), out = plan.output_size();
  std::size_t rows = 0;
  RunOptions until_all_are_late{.deadline = {}};
  for (const Request* request : batch) {
    std::copy_n(request->x, request->rows * in, x.data() + rows * in);
    rows += request->rows;
    until_all_are_late.deadline = std::max(until_all_are_late.deadline, request->options.deadline);
  }
  plan.run(std::span(x).first(rows * in), std::span(y).first(rows * out), workspace, until_all_are_late);
  rows = 0;
  for (const Request* request : batch) {
    std::copy_n(y.data() + rows * out, request->rows * out, request->y);
    rows += request->rows;
  }
}

void run_alone(const Plan& plan, const Request& request, Workspace& workspace) {
  plan.run({request.x, request.rows * plan.input_size()}, {request.y, request.rows * plan.output_size()}, workspace,
           request.options);
}

Ending ending_of(const std::exception_ptr& failure) noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (error.code() == Errc::cancelled) return Ending::cancelled;
    return error.code() == Errc::deadline_exceeded ? Ending::expired : Ending::failed;
  } catch (...) {
    return Ending::failed;
  }
}

}  // namespace

BatchRun::BatchRun(const Plan& plan, std::size_t max_batch, std::size_t max_requests)
    : workspace_(plan.workspace(max_batch)), x_(max_batch * plan.input_size()), y_(max_batch * plan.output_size()) {
  batch.reserve(max_batch);
  with_caller.reserve(max_requests + 1);
}

void DeleteBatchRun::operator()(BatchRun* run) const noexcept { delete run; }

std::size_t BatchRun::rows() const noexcept {
  std::size_t rows = 0;
  for (const Request* request : batch) rows += request->rows;
  return rows;
}

void BatchRun::run(const Plan& plan) noexcept {
  std::exception_ptr failure;
  try {
    if (batch.size() == 1) {
      run_alone(plan, *batch.front(), workspace_);
    } else {
      run_joined(plan, batch, x_, y_, workspace_);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  const Ending ending = failure ? ending_of(failure) : Ending::answered;
  for (Request* request : batch) {
    request->ending = ending;
    request->failure = failure;
  }
}

}  // namespace lamina::api
