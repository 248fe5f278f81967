// The C interface of runs that can be given up, and of the Batcher -> the C++ interface.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_error.hpp"
#include "api/c_handles.hpp"
#include "api/c_options.hpp"
#include "base/fail.hpp"

#include <lamina/batcher.hpp>
#include <lamina/error.hpp>
#include <lamina/lamina.h>
#include <lamina/plan.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>

using lamina::Errc;
using lamina::api::c_rows;
using lamina::api::CRows;
using lamina::api::guarded;
using lamina::api::require;

namespace {

/// Small enough for a std::function to hold without memory.
struct Done {
  lamina_done function;
  void* context;
  void operator()(const lamina::Error* error) const {
    function(context, error == nullptr ? LAMINA_OK : lamina::api::keep_error(*error));
  }
};
static_assert(sizeof(Done) <= 2 * sizeof(void*));

struct Taking {
  lamina_batcher* batcher;
  const float* x;
  float* y;
  size_t rows;
  const lamina_run_options* options;
  const char* place;
};
using Take = void (lamina::Batcher::*)(std::span<const float>, std::span<float>, lamina::Batcher::Done,
                                       const lamina::RunOptions&);

lamina_status take(const Taking& t, const Done& done, Take member) noexcept {
  return guarded([&] {
    require(t.batcher, t.place, "batcher");
    if (done.function == nullptr) {
      lamina::base::fail(Errc::invalid_argument, t.place, "done", "a function", "null");
    }
    const CRows r = c_rows(t.batcher->batcher.plan(), t.x, t.y, t.rows, t.place);
    (t.batcher->batcher.*member)(r.x, r.y, done, lamina::api::run_options(t.options, t.place));
  });
}

}  // namespace

extern "C" {

lamina_status lamina_stop_source_create(lamina_stop_source** source) {
  return guarded([&] {
    require(source, "lamina_stop_source_create", "source");
    *source = new lamina_stop_source{};
  });
}
void lamina_stop_source_request(lamina_stop_source* source) {
  if (source != nullptr) source->source.request_stop();
}
void lamina_stop_source_free(lamina_stop_source* source) { delete source; }

lamina_status lamina_run_with(const lamina_plan* plan, const float* x, float* y, size_t rows,
                              lamina_workspace* workspace, const lamina_run_options* options) {
  return guarded([&] {
    require(plan, "lamina_run_with", "plan");
    const CRows r = c_rows(plan->plan, x, y, rows, "lamina_run_with");
    const lamina::RunOptions run_options = lamina::api::run_options(options, "lamina_run_with");
    if (workspace == nullptr) return plan->plan.run(r.x, r.y, run_options);
    plan->plan.run(r.x, r.y, workspace->workspace, run_options);
  });
}
lamina_status lamina_plan_warm_up(const lamina_plan* plan, size_t callers) {
  return guarded([&] {
    require(plan, "lamina_plan_warm_up", "plan");
    plan->plan.warm_up(callers);
  });
}

lamina_status lamina_batcher_create(const lamina_plan* plan, const lamina_batcher_options* options,
                                    lamina_batcher** batcher) {
  return guarded([&] {
    require(plan, "lamina_batcher_create", "plan");
    require(batcher, "lamina_batcher_create", "batcher");
    const lamina::BatcherOptions all = lamina::api::batcher_options(options, "lamina_batcher_create");
    *batcher = new lamina_batcher{lamina::Batcher(plan->plan, all)};
  });
}
void lamina_batcher_free(lamina_batcher* batcher) {
  // In a callback it cannot be stopped: left alone it is lost memory, ended it would be the process.
  if (batcher != nullptr && lamina_batcher_stop(batcher) == LAMINA_OK) delete batcher;
}

lamina_status lamina_batcher_run(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                 const lamina_run_options* options) {
  return guarded([&] {
    require(batcher, "lamina_batcher_run", "batcher");
    const CRows r = c_rows(batcher->batcher.plan(), x, y, rows, "lamina_batcher_run");
    batcher->batcher.run(r.x, r.y, lamina::api::run_options(options, "lamina_batcher_run"));
  });
}
lamina_status lamina_batcher_submit(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                    const lamina_run_options* options, lamina_done done, void* context) {
  return take({batcher, x, y, rows, options, "lamina_batcher_submit"}, {done, context}, &lamina::Batcher::submit);
}
lamina_status lamina_batcher_enqueue(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                     const lamina_run_options* options, lamina_done done, void* context) {
  return take({batcher, x, y, rows, options, "lamina_batcher_enqueue"}, {done, context}, &lamina::Batcher::enqueue);
}
lamina_status lamina_batcher_flush(lamina_batcher* batcher) {
  return guarded([&] {
    require(batcher, "lamina_batcher_flush", "batcher");
    batcher->batcher.flush();
  });
}

lamina_status lamina_batcher_expire(lamina_batcher* batcher) {
  return guarded([&] {
    require(batcher, "lamina_batcher_expire", "batcher");
    batcher->batcher.expire();
  });
}
uint64_t lamina_batcher_next_expiry_us(const lamina_batcher* batcher) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point next = batcher == nullptr ? Clock::time_point::max() : batcher->batcher.next_deadline();
  if (next == Clock::time_point::max()) return UINT64_MAX;
  const auto left = std::chrono::ceil<std::chrono::microseconds>(next - Clock::now());
  return static_cast<uint64_t>(std::max<std::chrono::microseconds::rep>(0, left.count()));
}

lamina_status lamina_batcher_stop(lamina_batcher* batcher) {
  return guarded([&] {
    require(batcher, "lamina_batcher_stop", "batcher");
    batcher->batcher.stop();
  });
}
lamina_status lamina_batcher_read_stats(const lamina_batcher* batcher, lamina_batcher_stats* stats) {
  return guarded([&] {
    require(batcher, "lamina_batcher_read_stats", "batcher");
    require(stats, "lamina_batcher_read_stats", "stats");
    const lamina::BatcherStats s = batcher->batcher.stats();
    const lamina_batcher_stats all = {0,        s.answered, s.refused, s.cancelled,   s.expired,
                                      s.failed, s.runs,     s.rows,    s.queued_rows, s.running};
    lamina::api::write_known(stats, all, "lamina_batcher_read_stats");
  });
}
}
