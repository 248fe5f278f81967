// One Plan, many threads of the caller's own -> each gets the answers that it would get alone.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kCallers = 4;
constexpr std::size_t kRows = 200;

lamina::Model network() {
  lamina::Model model = lamina::Sequential{lamina::Linear(50, 120), lamina::Tanh(),        lamina::Linear(120, 64),
                                           lamina::SiLU(),          lamina::Linear(64, 9), lamina::LogSoftmax(1)};
  model.randomize(3);
  return model;
}

std::vector<float> rows_of(std::size_t seed, std::size_t count) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  std::normal_distribution<float> normal;
  std::vector<float> x(count);
  for (float& value : x) value = normal(random);
  return x;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::vector<float> answers(const lamina::Plan& plan, const std::vector<float>& x) {
  auto workspace = plan.workspace();
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  plan.run(x, y, workspace);
  return y;
}

/// Each caller makes its own workspace and runs rows of its own, again and again.
void check_shared(const lamina::Plan& plan, const lamina::Plan& alone) {
  std::vector<char> good(kCallers, 0);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      const auto x = rows_of(caller, kRows * plan.input_size());
      const auto expected = answers(alone, x);
      bool same = true;
      for (int round = 0; round < 10; ++round) same = same && same_bits(answers(plan, x), expected);
      good[caller] = same ? 1 : 0;
    });
  }
  for (auto& caller : callers) caller.join();
  for (std::size_t caller = 0; caller < kCallers; ++caller) {
    CAPTURE(caller);
    CHECK(good[caller] == 1);
  }
}

}  // namespace

TEST_CASE("a plan is shared by threads without a lock") {
  const auto plan = network().compile();
  check_shared(plan, plan);
}

TEST_CASE("a plan that uses threads of its own accord is shared by threads too, to the same bits") {
  const auto model = network();
  check_shared(model.compile({.threads = 2}), model.compile());
}

TEST_CASE("callers without workspaces share a pool, copies of the plan the same one") {
  const auto plan = network().compile();
  std::vector<char> good(kCallers, 0);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller, copy = plan] {
      const auto x = rows_of(caller, 7 * copy.input_size());
      const auto expected = answers(copy, x);
      std::vector<float> y(expected.size());
      bool same = true;
      for (int round = 0; round < 100; ++round) {
        y.assign(y.size(), 0);
        copy.run(x, y);
        same = same && same_bits(y, expected);
      }
      good[caller] = same ? 1 : 0;
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(std::count(good.begin(), good.end(), 1) == static_cast<std::ptrdiff_t>(kCallers));
}

TEST_CASE("a model is loaded, copied and compiled from several threads at once") {
  const auto model = network();
  const auto x = rows_of(9, kRows * 50);
  const auto expected = answers(model.compile(), x);
  std::vector<char> good(kCallers, 0);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      lamina::Model copy = model;
      good[caller] = same_bits(answers(std::move(copy).compile(), x), expected) ? 1 : 0;
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(std::count(good.begin(), good.end(), 1) == static_cast<std::ptrdiff_t>(kCallers));
}
