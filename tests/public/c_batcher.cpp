// lamina.h: runs that can be given up, threads of the host, the Batcher -> what the C++ interface does.
// SPDX-License-Identifier: Apache-2.0
#include "public/c_model.hpp"
#include "support/catch.hpp"

#include <lamina/lamina.h>
#include <lamina/lamina.hpp>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <thread>
#include <vector>

using namespace lamina::test;

namespace {

StopSourceHandle stop_source() {
  lamina_stop_source* source = nullptr;
  REQUIRE(lamina_stop_source_create(&source) == LAMINA_OK);
  return StopSourceHandle(source);
}

BatcherHandle batcher_of(const lamina_plan* plan, const lamina_batcher_options* options = nullptr) {
  lamina_batcher* batcher = nullptr;
  REQUIRE(lamina_batcher_create(plan, options, &batcher) == LAMINA_OK);
  return BatcherHandle(batcher);
}

lamina_batcher_stats stats_of(const lamina_batcher* batcher) {
  lamina_batcher_stats stats = LAMINA_BATCHER_STATS_INIT;
  REQUIRE(lamina_batcher_read_stats(batcher, &stats) == LAMINA_OK);
  return stats;
}

/// Threads of a host that hold every run up until they are let go.
struct Gate {
  std::atomic<int> arrived{0};
  std::atomic<bool> open{false};
  static void wait(void* context, size_t, lamina_task, void*) {
    auto& gate = *static_cast<Gate*>(context);
    ++gate.arrived;
    gate.open.wait(false);
  }
};

/// Large enough to be shared out, so that each run asks its host for threads.
PlanHandle large(lamina_parallel_for host, void* context) {
  lamina::Model model =
      lamina::Sequential{lamina::Linear(512, 512), lamina::Tanh(), lamina::Linear(512, 512), lamina::Linear(512, 512)};
  model.randomize(4);
  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  options.threads = host == nullptr ? 1 : 2;
  options.parallel_for = host;
  options.parallel_for_context = context;
  return compiled(loaded(file_of(model)).get(), &options);
}

struct Rows {
  explicit Rows(const lamina_plan* plan, std::size_t count)
      : rows(count), x(rows_of(count * lamina_plan_input_size(plan))), y(count * lamina_plan_output_size(plan)) {}
  std::size_t rows;
  std::vector<float> x, y;
};

struct Told {
  int calls = 0;
  lamina_status status = -1;
  std::string error;
  static void done(void* context, lamina_status status) {
    auto& told = *static_cast<Told*>(context);
    ++told.calls;
    told.status = status;
    told.error = status == LAMINA_OK ? "" : lamina_last_error();
  }
};

}  // namespace

TEST_CASE("a workspace from the pool gives the same bits, warmed up or not") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  Rows r(plan.get(), 33);
  const std::vector<float> expected = answers(plan.get(), r.x);
  CHECK(lamina_plan_warm_up(plan.get(), 2) == LAMINA_OK);
  const WorkspaceHandle workspace = workspace_of(plan.get());
  for (lamina_workspace* w : {static_cast<lamina_workspace*>(nullptr), workspace.get()}) {
    r.y.assign(r.y.size(), 0);
    CHECK(lamina_run_with(plan.get(), r.x.data(), r.y.data(), r.rows, w, nullptr) == LAMINA_OK);
    CHECK(r.y == expected);
  }
}

TEST_CASE("a run is given up at its timeout or when its source asks, which may be freed meanwhile") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  Rows r(plan.get(), 1);
  lamina_run_options options = LAMINA_RUN_OPTIONS_INIT;
  const auto run = [&] { return lamina_run_with(plan.get(), r.x.data(), r.y.data(), r.rows, nullptr, &options); };
  options.timeout_us = UINT64_MAX;  // never
  CHECK(run() == LAMINA_OK);
  const StopSourceHandle source = stop_source();
  options.stop = source.get();
  CHECK(run() == LAMINA_OK);
  lamina_stop_source_request(source.get());
  CHECK(run() == LAMINA_CANCELLED);
  Rows many(plan.get(), 200000);
  options = LAMINA_RUN_OPTIONS_INIT;
  options.timeout_us = 1;
  CHECK(lamina_run_with(plan.get(), many.x.data(), many.y.data(), many.rows, nullptr, &options) ==
        LAMINA_DEADLINE_EXCEEDED);
  options.struct_size = 7;
  CHECK(run() == LAMINA_INVALID_ARGUMENT);
}

TEST_CASE("runs take the threads that the host gives, and do without those that it does not") {
  std::atomic<int> calls{0};
  const auto all = [](void* context, size_t count, lamina_task run, void* task) {
    ++*static_cast<std::atomic<int>*>(context);
    std::thread other([&] { run(task, count - 1); });
    for (size_t i = 0; i + 1 < count; ++i) run(task, i);
    other.join();
  };
  const auto none = [](void* context, size_t, lamina_task, void*) { ++*static_cast<std::atomic<int>*>(context); };
  const PlanHandle with = large(all, &calls), without = large(none, &calls), alone = large(nullptr, nullptr);
  const std::vector<float> x = rows_of(8 * 512), expected = answers(alone.get(), x);
  CHECK(answers(with.get(), x) == expected);
  CHECK(answers(without.get(), x) == expected);
  CHECK(calls == 2);
}

TEST_CASE("denormals are kept or flushed as the options say") {
  lamina::Model model = lamina::Sequential{lamina::LeakyReLU(0.5)};
  const std::string file = file_of(model);
  const std::int64_t shape[] = {1};
  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  options.input_shape = shape;
  options.input_rank = 1;
  const std::vector<float> x = {-std::numeric_limits<float>::min()};
  CHECK(answers(compiled(loaded(file).get(), &options).get(), x)[0] == -std::numeric_limits<float>::min() / 2);
  options.denormals = LAMINA_DENORMALS_FLUSH;
  CHECK(answers(compiled(loaded(file).get(), &options).get(), x)[0] == 0);
  options.denormals = 2;
  PlanHandle plan;
  CHECK(compile(loaded(file).get(), &options, plan) == LAMINA_INVALID_ARGUMENT);
  CHECK(last_error_has("options->denormals"));
}

TEST_CASE("a batcher answers both kinds of requests with the bits that they get alone") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  lamina_batcher_options options = LAMINA_BATCHER_OPTIONS_INIT;
  options.max_batch = 16;
  options.concurrent_runs = 1;
  const BatcherHandle batcher = batcher_of(plan.get(), &options);
  Rows r(plan.get(), 5);
  const std::vector<float> expected = answers(plan.get(), r.x);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        std::vector<float> y(expected.size());
        const lamina_status status = lamina_batcher_run(batcher.get(), r.x.data(), y.data(), r.rows, nullptr);
        if (status != LAMINA_OK || y != expected) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
  Told told;
  REQUIRE(lamina_batcher_submit(batcher.get(), r.x.data(), r.y.data(), r.rows, nullptr, Told::done, &told) ==
          LAMINA_OK);
  CHECK(told.calls == 1);
  CHECK(told.status == LAMINA_OK);
  CHECK(r.y == expected);
  Told first, second;
  std::vector<float> y(r.y.size());
  REQUIRE(lamina_batcher_enqueue(batcher.get(), r.x.data(), y.data(), r.rows, nullptr, Told::done, &first) ==
          LAMINA_OK);
  REQUIRE(lamina_batcher_enqueue(batcher.get(), r.x.data(), r.y.data(), r.rows, nullptr, Told::done, &second) ==
          LAMINA_OK);
  CHECK(first.calls + second.calls == 0);
  const std::uint64_t runs = stats_of(batcher.get()).runs;
  REQUIRE(lamina_batcher_flush(batcher.get()) == LAMINA_OK);
  CHECK((first.status == LAMINA_OK && second.status == LAMINA_OK && y == expected && r.y == expected));
  CHECK(stats_of(batcher.get()).runs == runs + 1);
  CHECK(stats_of(batcher.get()).answered == 403);
  CHECK(stats_of(batcher.get()).rows == 5 * 403);
}

TEST_CASE("timeouts and stops fire while the batcher is busy, and a full queue refuses") {
  Gate gate;
  const PlanHandle plan = large(Gate::wait, &gate);
  lamina_batcher_options options = LAMINA_BATCHER_OPTIONS_INIT;
  options.max_batch = options.max_queue_rows = 8;
  options.concurrent_runs = 1;
  const BatcherHandle batcher = batcher_of(plan.get(), &options);
  Rows a(plan.get(), 8), b(plan.get(), 4), c(plan.get(), 5);
  std::thread first([&] { (void)lamina_batcher_run(batcher.get(), a.x.data(), a.y.data(), a.rows, nullptr); });
  while (gate.arrived == 0) std::this_thread::yield();
  CHECK(lamina_batcher_next_expiry_us(batcher.get()) == UINT64_MAX);

  lamina_run_options soon = LAMINA_RUN_OPTIONS_INIT;
  soon.timeout_us = 2000;
  CHECK(lamina_batcher_run(batcher.get(), b.x.data(), b.y.data(), b.rows, &soon) == LAMINA_DEADLINE_EXCEEDED);
  Told late, cancelled, never;
  const StopSourceHandle source = stop_source();
  lamina_run_options stoppable = LAMINA_RUN_OPTIONS_INIT;
  stoppable.stop = source.get();
  const auto submit = [&](Rows& r, const lamina_run_options& o, Told& told) {
    return lamina_batcher_submit(batcher.get(), r.x.data(), r.y.data(), r.rows, &o, Told::done, &told);
  };
  soon.timeout_us = 200000;
  REQUIRE(submit(b, soon, late) == LAMINA_OK);
  CHECK(lamina_batcher_next_expiry_us(batcher.get()) <= 200000);
  CHECK(submit(c, stoppable, never) == LAMINA_UNAVAILABLE);
  CHECK(last_error_has("the queue is full"));
  while (late.calls == 0) (void)lamina_batcher_expire(batcher.get());
  CHECK(late.status == LAMINA_DEADLINE_EXCEEDED);
  CHECK(late.error == "batcher: the deadline has passed");
  REQUIRE(submit(c, stoppable, cancelled) == LAMINA_OK);
  lamina_stop_source_request(source.get());
  CHECK(lamina_batcher_expire(batcher.get()) == LAMINA_OK);
  CHECK(cancelled.status == LAMINA_CANCELLED);
  CHECK(never.calls == 0);

  gate.open = true;
  gate.open.notify_all();
  first.join();
  CHECK(lamina_batcher_stop(batcher.get()) == LAMINA_OK);
  CHECK(lamina_batcher_run(batcher.get(), b.x.data(), b.y.data(), b.rows, nullptr) == LAMINA_UNAVAILABLE);
  const lamina_batcher_stats stats = stats_of(batcher.get());
  CHECK((stats.answered == 1 && stats.expired == 2 && stats.cancelled == 1 && stats.refused == 2));
}

TEST_CASE("a batcher in its own callback is neither waited for nor freed") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  struct Host {
    lamina_batcher* batcher;
    Rows rows;
    std::vector<lamina_status> statuses;
  } host{batcher_of(plan.get()).release(), Rows(plan.get(), 1), {}};
  const auto done = [](void* context, lamina_status) {
    auto& h = *static_cast<Host*>(context);
    lamina_batcher_free(h.batcher);
    h.statuses = {lamina_batcher_run(h.batcher, h.rows.x.data(), h.rows.y.data(), 1, nullptr),
                  lamina_batcher_stop(h.batcher)};
  };
  CHECK(lamina_batcher_submit(host.batcher, host.rows.x.data(), host.rows.y.data(), 1, nullptr, done, &host) ==
        LAMINA_OK);
  CHECK(host.statuses == std::vector<lamina_status>{LAMINA_INVALID_ARGUMENT, LAMINA_INVALID_ARGUMENT});
  lamina_batcher_free(host.batcher);
}

TEST_CASE("a batcher refuses what it cannot serve, by name") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  const BatcherHandle batcher = batcher_of(plan.get());
  Rows r(plan.get(), 65);
  lamina_batcher* made = nullptr;
  lamina_batcher_options options = LAMINA_BATCHER_OPTIONS_INIT;
  const auto names = [](lamina_status status, const char* argument) {
    return status == LAMINA_INVALID_ARGUMENT && last_error_has(argument);
  };
  CHECK(names(lamina_batcher_create(nullptr, nullptr, &made), ": plan: "));
  CHECK(names(lamina_batcher_create(plan.get(), nullptr, nullptr), ": batcher: "));
  options.max_delay_us = UINT64_MAX;
  CHECK(names(lamina_batcher_create(plan.get(), &options, &made), "max_delay"));
  CHECK(made == nullptr);
  CHECK(names(lamina_batcher_run(nullptr, r.x.data(), r.y.data(), 1, nullptr), ": batcher: "));
  CHECK(names(lamina_batcher_run(batcher.get(), nullptr, r.y.data(), 1, nullptr), ": x: "));
  CHECK(names(lamina_batcher_run(batcher.get(), r.x.data(), nullptr, 1, nullptr), ": y: "));
  CHECK(names(lamina_batcher_run(batcher.get(), r.x.data(), r.y.data(), 65, nullptr), "max_batch = 64"));
  CHECK(names(lamina_batcher_submit(batcher.get(), r.x.data(), r.y.data(), 1, nullptr, nullptr, &r), ": done: "));
  CHECK(names(lamina_batcher_enqueue(nullptr, r.x.data(), r.y.data(), 1, nullptr, Told::done, &r), ": batcher: "));
  CHECK(names(lamina_batcher_flush(nullptr), ": batcher: "));
  CHECK(names(lamina_batcher_expire(nullptr), ": batcher: "));
  CHECK(names(lamina_batcher_stop(nullptr), ": batcher: "));
  lamina_batcher_stats stats = LAMINA_BATCHER_STATS_INIT;
  CHECK(names(lamina_batcher_read_stats(nullptr, &stats), ": batcher: "));
  CHECK(names(lamina_batcher_read_stats(batcher.get(), nullptr), ": stats: "));
  stats.struct_size = 2 * sizeof(std::size_t);  // of a caller that knows the first field only
  stats.refused = 77;
  CHECK(lamina_batcher_read_stats(batcher.get(), &stats) == LAMINA_OK);
  CHECK((stats.answered == 0 && stats.refused == 77));
  stats.struct_size = 3;
  CHECK(names(lamina_batcher_read_stats(batcher.get(), &stats), "struct_size"));
}
