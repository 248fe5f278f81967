// RunOptions -> a typed error when a run is stopped or late; Plan and Workspace stay as good as new.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace lamina;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using lamina::test::failure;

namespace {

Model network() {
  Model model = Sequential{Linear(256, 512), Tanh(), Linear(512, 512), Tanh(), Linear(512, 4)};
  model.randomize(2);
  return model;
}

struct Rows {
  std::vector<float> x, y;
  explicit Rows(const Plan& plan, std::size_t count)
      : x(count * plan.input_size(), 0.5f), y(count * plan.output_size(), -7.0f) {}
  [[nodiscard]] bool untouched() const { return y == std::vector<float>(y.size(), -7.0f); }
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kManyRows = 4000;
#else
constexpr std::size_t kManyRows = 60000;  // some 300 ms on one thread
#endif

}  // namespace

TEST_CASE("a run that is late or stopped before it begins writes nothing") {
  const Plan plan = network().compile();
  Rows rows(plan, 3);
  Workspace workspace = plan.workspace();
  std::stop_source source;
  source.request_stop();
  CHECK(failure([&] { plan.run(rows.x, rows.y, workspace, {.stop_token = source.get_token()}); }) ==
        "cancelled: run: the stop token asked for it");
  CHECK(failure([&] { plan.run(rows.x, rows.y, {.deadline = Clock::now() - 1ms}); }) ==
        "deadline_exceeded: run: the deadline has passed");
  CHECK(rows.untouched());
}

TEST_CASE("arguments are wrong also when it is late") {
  const Plan plan = network().compile();
  std::vector<float> x(255), y(4);
  CHECK(failure([&] { plan.run(x, y, {.deadline = Clock::now() - 1ms}); }).starts_with("shape_mismatch: run: x"));
}

TEST_CASE("a deadline that is far and a token that nobody uses change no bit") {
  for (const int threads : {1, 3}) {
    const Plan plan = network().compile({.threads = threads});
    Rows plain(plan, 200), limited(plan, 200);
    std::stop_source source;
    plan.run(plain.x, plain.y);
    plan.run(limited.x, limited.y, {source.get_token(), Clock::now() + 1h});
    CHECK(plain.y == limited.y);
  }
}

TEST_CASE("a long run ends soon after its deadline, on one thread and on several, and the workspace serves again") {
  for (const int threads : {1, 2, 4}) {
    CAPTURE(threads);
    const Plan plan = network().compile({.threads = threads});
    Rows rows(plan, kManyRows), again(plan, 5), expected(plan, 5);
    Workspace workspace = plan.workspace();
    const auto begin = Clock::now();
    CHECK(failure([&] { plan.run(rows.x, rows.y, workspace, {.deadline = begin + 2ms}); }).starts_with("deadline_"));
    const auto took = Clock::now() - begin;
    CHECK(took >= 2ms);
    plan.run(again.x, again.y, workspace);
    plan.run(expected.x, expected.y);
    CHECK(again.y == expected.y);
    CHECK(rows.y.back() == -7.0f);  // the last row was far away
  }
}

TEST_CASE("a stop from another thread ends a run between blocks") {
  const Plan plan = network().compile();
  Rows rows(plan, kManyRows);
  std::stop_source source;
  std::thread stopper([&] {
    std::this_thread::sleep_for(2ms);
    source.request_stop();
  });
  CHECK(failure([&] { plan.run(rows.x, rows.y, {.stop_token = source.get_token()}); }).starts_with("cancelled"));
  stopper.join();
}

TEST_CASE("few rows of large layers, shared out by outputs, end at their deadline as well") {
  Model model = Sequential{Linear(1024, 2048), ReLU(), Linear(2048, 2048), ReLU(), Linear(2048, 16)};
  model.randomize(3);
  for (const int threads : {2, 3}) {
    const Plan plan = model.compile({.threads = threads});
    Rows rows(plan, 4), fresh(plan, 4), expected(plan, 4);
    Workspace workspace = plan.workspace();
    int late = 0;
    for (int i = 0; i < 30; ++i) {
      const RunOptions options{.deadline = Clock::now() + std::chrono::microseconds(20 * i)};
      late += failure([&] { plan.run(rows.x, rows.y, workspace, options); }) == "no error" ? 0 : 1;
    }
    CHECK(late > 0);  // the first one at least
    plan.run(fresh.x, fresh.y, workspace);
    plan.run(expected.x, expected.y);
    CHECK(fresh.y == expected.y);
  }
}
