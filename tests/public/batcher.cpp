// Batcher: joined requests get the bits that they get alone; deadlines, stops, limits and shutdown as documented.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <atomic>
#include <chrono>
#include <cstring>
#include <future>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using namespace lamina;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using lamina::test::failure;

namespace {

Plan plan_of(std::uint64_t seed = 4) {
  Model model = Sequential{Linear(20, 64), Tanh(), Linear(64, 32), ReLU(), Linear(32, 3), Softmax(1)};
  model.randomize(seed);
  return model.compile();
}

/// A plan whose run waits in its host's threads until it is let go: whoever comes meanwhile finds the Batcher busy.
class Gate {
 public:
  Gate() {
    Model model = Sequential{Linear(512, 512), Tanh(), Linear(512, 512), Tanh(), Linear(512, 512)};
    model.randomize(4);
    const ParallelFor wait = [this](std::size_t, const std::function<void(std::size_t)>&) {
      ++arrived_;
      open_.wait(false);
    };
    plan_ = std::make_unique<Plan>(model.compile({.threads = 2, .parallel_for = wait}));
    alone_ = std::make_unique<Plan>(model.compile());
  }
  [[nodiscard]] const Plan& plan() const { return *plan_; }
  [[nodiscard]] const Plan& alone() const { return *alone_; }
  void wait_for_a_run() const {
    while (arrived_ == 0) std::this_thread::yield();
  }
  void open() {
    open_ = true;
    open_.notify_all();
  }

 private:
  std::atomic<int> arrived_{0};
  std::atomic<bool> open_{false};
  std::unique_ptr<Plan> plan_, alone_;
};

struct Rows {
  Rows(const Plan& plan, std::size_t count, unsigned seed = 1)
      : x(count * plan.input_size()), y(count * plan.output_size(), -7), expected(y.size()) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal;
    for (float& value : x) value = normal(engine);
    plan.run(x, expected);
  }
  [[nodiscard]] bool right() const { return std::memcmp(y.data(), expected.data(), y.size() * sizeof(float)) == 0; }
  [[nodiscard]] bool untouched() const { return y == std::vector<float>(y.size(), -7); }

  std::vector<float> x, y, expected;
};

void wait_until_queued(const Batcher& batcher, std::size_t rows) {
  while (batcher.stats().queued_rows < rows) std::this_thread::yield();
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRounds = 100;
#else
constexpr int kRounds = 400;
#endif

/// Callers of both kinds with requests of 1 to 8 rows, each answer compared with the one alone.
void check_under_load(const BatcherOptions& options) {
  constexpr unsigned kCallers = 6;
  const Plan plan = plan_of();
  Batcher batcher(plan, options);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < kRounds; ++round) {
        Rows rows(plan, 1 + (caller + static_cast<unsigned>(round)) % 8, caller * 1000 + static_cast<unsigned>(round));
        if (caller % 3 == 2) {
          std::promise<bool> answered;
          batcher.submit(rows.x, rows.y, [&](const Error* error) { answered.set_value(error == nullptr); });
          if (!answered.get_future().get()) ++wrong;
        } else {
          batcher.run(rows.x, rows.y);
        }
        if (!rows.right()) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
  const BatcherStats stats = batcher.stats();
  CHECK(stats.answered == kCallers * kRounds);
  CHECK(stats.runs <= stats.answered);
  CHECK(stats.queued_rows == 0);
  CHECK(stats.running == 0);
}

}  // namespace

TEST_CASE("joining requests never changes an answer") {
  check_under_load({.max_batch = 8, .concurrent_runs = 1});
  check_under_load({.max_batch = 64, .concurrent_runs = 1});
  check_under_load({.max_batch = 16, .concurrent_runs = 3});
  check_under_load({.max_batch = 16, .max_delay = 50us, .concurrent_runs = 1});
  check_under_load({.max_batch = 12, .max_delay = 50us, .concurrent_runs = 2});
}

TEST_CASE("an idle batcher runs a request in its caller's thread, submitted ones too") {
  const Plan plan = plan_of();
  Batcher batcher(plan);
  Rows rows(plan, 3), submitted(plan, 2);
  batcher.run(rows.x, rows.y);
  CHECK(rows.right());
  std::thread::id thread;
  batcher.submit(submitted.x, submitted.y, [&](const Error* error) {
    CHECK(error == nullptr);
    thread = std::this_thread::get_id();
  });
  CHECK(thread == std::this_thread::get_id());
  CHECK(submitted.right());
  CHECK(batcher.stats().runs == 2);
}

TEST_CASE("what queues during a run is joined into the next one, oldest first, none split") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  std::vector<std::unique_ptr<Rows>> rows;
  for (const std::size_t count : {8u, 3u, 4u, 2u, 5u}) rows.push_back(std::make_unique<Rows>(gate.alone(), count));
  std::thread first([&] { batcher.run(rows[0]->x, rows[0]->y); });
  gate.wait_for_a_run();
  std::vector<int> order;
  for (int i = 1; i < 5; ++i) {
    batcher.submit(rows[static_cast<std::size_t>(i)]->x, rows[static_cast<std::size_t>(i)]->y,
                   [&order, i](const Error*) { order.push_back(i); });
  }
  CHECK(batcher.stats().queued_rows == 14);
  gate.open();
  first.join();
  batcher.stop();
  CHECK(order == std::vector<int>{1, 2, 3, 4});
  for (const auto& r : rows) CHECK(r->right());
  CHECK(batcher.stats().runs == 3);  // 8; 3 + 4; 2 + 5
}

TEST_CASE("a full queue refuses at once") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .max_queue_rows = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 6), c(gate.alone(), 3);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  batcher.submit(b.x, b.y, [](const Error*) {});
  CHECK(failure([&] { batcher.run(c.x, c.y); }) ==
        "unavailable: batcher: the queue is full: expected at most 8 rows, got 6 and 3 more");
  CHECK(c.untouched());
  gate.open();
  first.join();
  batcher.stop();
  CHECK(b.right());
  CHECK(batcher.stats().refused == 1);
}

TEST_CASE("deadlines and stops fire while another run is going on") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 1), c(gate.alone(), 1), d(gate.alone(), 1);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  CHECK(failure([&] { batcher.run(b.x, b.y, {.deadline = Clock::now() + 5ms}); }) ==
        "deadline_exceeded: batcher: the deadline has passed");
  std::stop_source source;
  std::thread stopper([&] {
    wait_until_queued(batcher, 1);
    source.request_stop();
  });
  CHECK(failure([&] { batcher.run(c.x, c.y, {.stop_token = source.get_token()}); }) ==
        "cancelled: batcher: the stop token asked for it");
  stopper.join();
  Errc code{};
  batcher.submit(d.x, d.y, [&](const Error* error) { code = error->code(); }, {.deadline = Clock::now() + 2ms});
  while (code == Errc{}) batcher.expire();
  CHECK(code == Errc::deadline_exceeded);
  CHECK(batcher.stats().queued_rows == 0);
  gate.open();
  first.join();
  CHECK((b.untouched() && c.untouched() && d.untouched()));
  CHECK(batcher.stats().expired == 2);
  CHECK(batcher.stats().cancelled == 1);
}

TEST_CASE("max_delay waits for company, until a batch is full or half of a deadline's time is over") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .max_delay = 10s, .concurrent_runs = 1});
  std::vector<std::unique_ptr<Rows>> rows;
  std::vector<std::thread> callers;
  for (unsigned i = 0; i < 4; ++i) {
    rows.push_back(std::make_unique<Rows>(plan, 1, i));
    callers.emplace_back([&batcher, r = rows.back().get()] { batcher.run(r->x, r->y); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& r : rows) CHECK(r->right());
  CHECK(batcher.stats().runs == 1);
  Rows alone(plan, 1);
  batcher.run(alone.x, alone.y, {.deadline = Clock::now() + 1s});
  CHECK(alone.right());
}

TEST_CASE("a callback may submit again, and what it throws stops nobody") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .concurrent_runs = 1});
  Rows rows(plan, 1);
  int left = 10000;  // deep enough to end a stack, did each run within the last one's callback
  Batcher::Done again = [&](const Error* error) {
    if (error == nullptr && --left > 0) batcher.submit(rows.x, rows.y, again);
  };
  batcher.submit(rows.x, rows.y, again);
  CHECK(left == 0);
  batcher.submit(rows.x, rows.y, [](const Error*) { throw 5; });
  batcher.run(rows.x, rows.y);
  CHECK(rows.right());
}

TEST_CASE("stop answers what is queued and refuses what comes") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 2), c(gate.alone(), 2);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  std::thread second([&] { batcher.run(b.x, b.y); });
  wait_until_queued(batcher, 2);
  std::thread stopper([&] { batcher.stop(); });
  while (failure([&] { batcher.run(c.x, c.y, {.deadline = Clock::now() + 1ms}); }) !=
         "unavailable: batcher: it is being shut down") {
  }
  gate.open();
  for (std::thread* thread : {&first, &second, &stopper}) thread->join();
  CHECK((a.right() && b.right()));
}

TEST_CASE("arguments that cannot be served are refused") {
  const Plan plan = plan_of();
  CHECK(failure([&] { Batcher(plan, {.max_batch = 0}); }).starts_with("invalid_argument: batcher: max_batch"));
  CHECK(failure([&] { Batcher(plan, {.max_batch = 8, .max_queue_rows = 7}); }).starts_with("invalid_argument"));
  Model coupled = Sequential{Softmax(0)};
  CHECK(failure([&] { Batcher(coupled.compile({.input_shape = Shape{3}})); }).starts_with("invalid_argument"));
  Batcher batcher(plan, {.max_batch = 4});
  std::vector<float> x(5 * 20), y(5 * 3);
  CHECK(failure([&] { batcher.run(x, y); }) ==
        "invalid_argument: batcher: rows of a request: expected at most max_batch = 4, got 5");
  CHECK(failure([&] { batcher.run(x, std::span(y).first(3)); }).starts_with("shape_mismatch: run: y"));
  CHECK(failure([&] { batcher.submit(x, y, nullptr); }).starts_with("invalid_argument: batcher: done"));
  CHECK(failure([&] { batcher.run({}, {}); }) == "no error");
  CHECK(batcher.stats().runs == 0);
}
