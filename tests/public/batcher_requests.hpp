// A plan, rows with the answers that they get alone, runs that wait to be let pass: for tests of the Batcher.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/lamina.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace lamina::test {

inline Plan plan_of(std::uint64_t seed = 4) {
  Model model = Sequential{Linear(20, 64), Tanh(), Linear(64, 32), ReLU(), Linear(32, 3), Softmax(1)};
  model.randomize(seed);
  return model.compile();
}

/// A plan whose runs wait in their host's threads until they are let pass: whoever comes meanwhile finds the Batcher
/// busy.
class Gate {
 public:
  Gate() {
    Model model = Sequential{Linear(512, 512), Tanh(), Linear(512, 512), Tanh(), Linear(512, 512)};
    model.randomize(4);
    const ParallelFor wait = [this](std::size_t, const std::function<void(std::size_t)>&) {
      const int number = ++arrived_;
      for (int open = open_; open < number; open = open_) open_.wait(open);
    };
    plan_ = std::make_unique<Plan>(model.compile({.threads = 2, .parallel_for = wait}));
    alone_ = std::make_unique<Plan>(model.compile());
  }
  [[nodiscard]] const Plan& plan() const { return *plan_; }
  [[nodiscard]] const Plan& alone() const { return *alone_; }
  void wait_for_runs(int count) const {
    while (arrived_ < count) std::this_thread::yield();
  }
  void wait_for_a_run() const { wait_for_runs(1); }
  void let_pass(int count) {
    open_ += count;
    open_.notify_all();
  }
  void open() { let_pass(1000); }

 private:
  std::atomic<int> arrived_{0}, open_{0};
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

inline void wait_until_queued(const Batcher& batcher, std::size_t rows) {
  while (batcher.stats().queued_rows < rows) std::this_thread::yield();
}

}  // namespace lamina::test
