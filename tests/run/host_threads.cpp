// CompileOptions::parallel_for: the host's threads do the work, and whatever they leave undone is done by the caller.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace lamina;
using Task = std::function<void(std::size_t)>;

namespace {

/// Many rows of it are cut by rows, few by outputs.
Model network() {
  Model model = Sequential{Linear(512, 512), ReLU(), Linear(512, 512), Tanh(), Linear(512, 30), Softmax(1)};
  model.randomize(8);
  return model;
}

std::vector<float> answers(const Plan& plan, std::size_t rows) {
  std::vector<float> x(rows * plan.input_size()), y(rows * plan.output_size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.21f * static_cast<float>(i % 31) - 3;
  plan.run(x, y);
  return y;
}

void on_threads(std::size_t count, const Task& task) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&task, i] { task(i); });
  for (std::thread& thread : threads) thread.join();
}

void check_bits(const ParallelFor& parallel_for) {
  const Model model = network();
  const Plan alone = model.compile();
  for (const int threads : {2, 3, 4}) {
    const Plan plan = model.compile({.threads = threads, .parallel_for = parallel_for});
    for (const std::size_t rows : {1u, 2u, 8u, 200u, 700u}) {
      CAPTURE(threads, rows);
      REQUIRE(answers(plan, rows) == answers(alone, rows));
    }
  }
}

}  // namespace

TEST_CASE("a host's threads give the bits of one thread") {
  std::atomic<int> calls{0};
  check_bits([&](std::size_t count, const Task& task) {
    ++calls;
    on_threads(count, task);
  });
  CHECK(calls > 0);
}

TEST_CASE("a host may run the tasks one after the other, backwards, only some of them or none") {
  check_bits([](std::size_t count, const Task& task) {
    for (std::size_t i = count; i-- > 0;) task(i);
  });
  check_bits([](std::size_t count, const Task& task) { task(count - 1); });
  check_bits([](std::size_t, const Task&) {});
}

TEST_CASE("an index beyond the tasks does nothing") {
  check_bits([](std::size_t count, const Task& task) { on_threads(count + 3, task); });
}

TEST_CASE("a host without a thread to give may throw") {
  check_bits([](std::size_t, const Task&) { throw std::runtime_error("no threads today"); });
}

TEST_CASE("one thread asks no host, and neither does work that is too small") {
  std::atomic<int> calls{0};
  const ParallelFor count_calls = [&](std::size_t, const Task&) { ++calls; };
  (void)answers(network().compile({.parallel_for = count_calls}), 700);
  Model small = Sequential{Linear(8, 8)};
  small.randomize(1);
  (void)answers(small.compile({.threads = 4, .parallel_for = count_calls}), 3);
  CHECK(calls == 0);
}
