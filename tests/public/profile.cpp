// Profiled runs: the bits of plain ones, times that add up, the slow step found; zeros counted; the machine's roofs.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

namespace {

using namespace lamina;

Model network() {
  Model model = Sequential{Linear(64, 512), ReLU(), Linear(512, 512), Tanh(), Linear(512, 200), Softmax(1)};
  model.randomize(5);
  return model;
}

std::vector<float> rows_of(const Plan& plan, std::size_t rows) {
  std::mt19937 engine(3);
  std::normal_distribution<float> normal;
  std::vector<float> x(rows * plan.input_size());
  for (float& v : x) v = normal(engine);
  return x;
}

/// Sum of all steps.
std::uint64_t in_steps(const RunTimes& times) {
  return std::accumulate(times.steps.begin(), times.steps.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const StepTime& step) { return sum + step.nanoseconds; });
}

}  // namespace

TEST_CASE("a profiled run gives the bits of a plain one, cut by rows, by outputs or not at all") {
  const Model model = network();
  for (const int threads : {1, 2, 3}) {
    const Plan plan = model.compile({.threads = threads});
    Workspace workspace = plan.workspace();
    Profiler profiler(plan);
    for (const std::size_t rows : {1u, 2u, 7u, 64u, 700u}) {
      CAPTURE(threads, rows);
      const std::vector<float> x = rows_of(plan, rows);
      std::vector<float> expected(rows * plan.output_size()), y(expected.size());
      plan.run(x, expected, workspace);
      plan.run(x, y, workspace, profiler);
      CHECK(std::memcmp(y.data(), expected.data(), y.size() * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("steps and overhead add up to the run, and every step has been timed") {
  const Model model = network();
  for (const int threads : {1, 2, 4}) {
    const Plan plan = model.compile({.threads = threads});
    Workspace workspace = plan.workspace();
    Profiler profiler(plan);
    for (const std::size_t rows : {1u, 33u, 500u}) {
      CAPTURE(threads, rows);
      const std::vector<float> x = rows_of(plan, rows);
      std::vector<float> y(rows * plan.output_size());
      for (int repeat = 0; repeat < 3; ++repeat) plan.run(x, y, workspace, profiler);
      const RunTimes& times = profiler.times();
      CHECK(times.steps.size() == plan.steps().size());
      CHECK(times.threads >= 1);
      CHECK(times.threads <= threads);
      CHECK(in_steps(times) <= times.nanoseconds);
      CHECK(in_steps(times) + times.overhead() == times.nanoseconds);
      for (const StepTime& step : times.steps) {
        CHECK(step.threads >= 1);
        CHECK(step.threads <= times.threads);
        CHECK(step.nanoseconds > 0);
      }
    }
  }
}

TEST_CASE("one thread's time is in its steps: little is left over") {
  const Plan plan = network().compile();
  Workspace workspace = plan.workspace();
  Profiler profiler(plan);
  const std::vector<float> x = rows_of(plan, 256);
  std::vector<float> y(256 * plan.output_size());
  double least = 1;
  for (int repeat = 0; repeat < 20; ++repeat) {
    plan.run(x, y, workspace, profiler);
    least = std::min(
        least, static_cast<double>(profiler.times().overhead()) / static_cast<double>(profiler.times().nanoseconds));
  }
  CHECK(least < 0.02);
}

TEST_CASE("the step that has the work has the time") {
  Model model = Sequential{Linear(32, 32), ReLU(), Linear(32, 1024), Linear(1024, 1024), Linear(1024, 32)};
  model.randomize(1);
  const Plan plan = model.compile();
  Workspace workspace = plan.workspace();
  Profiler profiler(plan);
  const std::vector<float> x = rows_of(plan, 16);
  std::vector<float> y(16 * plan.output_size());
  std::uint64_t run = 0, slow = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    plan.run(x, y, workspace, profiler);
    run += profiler.times().nanoseconds;
    slow += profiler.times().steps[2].nanoseconds;
  }
  CHECK(plan.steps()[2].flops_per_row > 2u * 1024 * 1024 - 1);
  CHECK(static_cast<double>(slow) > 0.7 * static_cast<double>(run));  // 0.93 of the operations
}

TEST_CASE("a run without rows takes a profiler too") {
  const Plan plan = network().compile();
  Workspace workspace = plan.workspace();
  Profiler profiler(plan);
  plan.run({}, {}, workspace, profiler);
  CHECK(in_steps(profiler.times()) == 0);
  CHECK(profiler.times().threads == 1);
}

TEST_CASE("a profiler of another plan, or one that was moved from, is refused before anything is written") {
  const Plan plan = network().compile(), other = network().compile();
  Workspace workspace = plan.workspace();
  Profiler profiler(other);
  const std::vector<float> x = rows_of(plan, 1);
  std::vector<float> y(plan.output_size(), -7.0f);
  CHECK(test::failure([&] { plan.run(x, y, workspace, profiler); }) ==
        "invalid_argument: run: the profiler was made for another plan");
  const Profiler taken = std::move(profiler);
  CHECK(test::failure([&] { other.run(x, y, workspace, profiler); }).find("another plan") != std::string::npos);
  CHECK(y.front() == -7.0f);
}

TEST_CASE("zeros are counted where they are: none in the input, those that a ReLU makes behind it") {
  Model model = Sequential{Linear(4, 4, false), ReLU(), Linear(4, 1, false)};
  model.load_state_dict({{"0.weight", Tensor({4, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1})},
                         {"2.weight", Tensor({1, 4}, {1, 1, 1, 1})}});
  for (const int threads : {1, 3}) {
    const Plan plan = model.compile({.threads = threads});
    const std::vector<float> x = {1, -2, 3, -4, -1, -2, -3, 4};  // two rows: five negative numbers
    const std::vector<StepZeros> zeros = count_zeros(plan, x);
    REQUIRE(zeros.size() == 2);
    CHECK(zeros[0].zeros == 0);
    CHECK(zeros[0].inputs == 8);
    CHECK(zeros[1].zeros == 5);
    CHECK(zeros[1].share() == 5.0 / 8);
    CHECK(count_zeros(plan, {})[1].share() == 0);
    CHECK(test::failure([&] { (void)count_zeros(plan, std::span(x).first(3)); }) ==
          "shape_mismatch: count_zeros: x: expected a multiple of 4 floats, got 3");
  }
}

TEST_CASE("zeros are counted of rows that depend on each other as well") {
  Model model = Sequential{Linear(2, 2), ReLU(), Softmax(0), Linear(2, 1)};
  model.randomize(1);
  const Plan plan = model.compile();
  const std::vector<float> x(6, 0.0f);
  CHECK(count_zeros(plan, x).front().zeros == 6);
}

TEST_CASE("the roofs: a peak and every level's bandwidth, of one thread and of two") {
  const Isa least = system_info().instruction_sets.front();
  for (const int threads : {1, 2}) {
    const Roofs roofs = measure_roofs(least, threads);
    CHECK(roofs.threads == threads);
    CHECK(roofs.isa == least);
    CHECK(roofs.gigaflops > 0.1);
    REQUIRE_FALSE(roofs.levels.empty());
    for (const MemoryLevel& level : roofs.levels) CHECK(level.gigabytes_per_second > 0.01);
    CHECK(roofs.levels.back().name == "memory");
    CHECK(&roofs.level_of(1) == &roofs.levels.front());
    CHECK(&roofs.level_of(std::size_t{1} << 50) == &roofs.levels.back());
  }
}

TEST_CASE("the roofs of no thread, or of an instruction set that is not there, are refused") {
  CHECK(test::failure([] { (void)measure_roofs(system_info().best, 0); }) ==
        "invalid_argument: measure_roofs: threads: expected at least 1, got 0");
#if defined(__x86_64__)
  CHECK(test::failure([] { (void)measure_roofs(Isa::neon); }).find("not available") != std::string::npos);
#else
  CHECK(test::failure([] { (void)measure_roofs(Isa::sse4); }).find("not available") != std::string::npos);
#endif
}
