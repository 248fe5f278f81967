// Sharing out a run: which programs and rows are cut how, each part done once, by whoever is there.
// SPDX-License-Identifier: Apache-2.0
#include "run/sharing.hpp"

#include "plan/program.hpp"
#include "run/shares.hpp"
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

using namespace lamina;
using run::Side;

namespace {

Plan compiled(Model model, int threads) {
  model.randomize(11);
  return model.compile({.threads = threads});
}

Model wide() { return Sequential{Linear(512, 512), ReLU(), Linear(512, 512), Tanh(), Linear(512, 300), Softmax(1)}; }

run::Sharing choose(const Plan& plan, std::size_t rows, bool busy = false) {
  return run::choose_sharing(plan.program(), rows, busy);
}

struct Parts {
  std::vector<std::uint32_t> counts;
  std::vector<std::atomic<int>>* visits;
  [[nodiscard]] std::uint32_t parts(std::size_t share) const { return counts[share]; }
  void operator()(std::size_t share, std::uint32_t part) const { (*visits)[share * 8 + part].fetch_add(1); }
};

}  // namespace

TEST_CASE("one thread is never asked to share, nor is work that is too small for a wake-up") {
  const Plan small = compiled(Sequential{Linear(32, 64), ReLU(), Linear(64, 1)}, 8);
  REQUIRE(choose(small, 1).threads == 1);
  REQUIRE(choose(small, 8, true).threads == 1);
  REQUIRE(choose(compiled(wide(), 1), 4096).threads == 1);
}

TEST_CASE("few rows of large layers are cut by outputs, many rows by rows") {
  const Plan plan = compiled(wide(), 2);
  REQUIRE(choose(plan, 1).threads == 2);
  REQUIRE(choose(plan, 1).side == Side::outputs);
  REQUIRE(choose(plan, 4096).threads == 2);
  REQUIRE(choose(plan, 4096).side == Side::rows);
}

TEST_CASE("one row of weights that come from memory is shared as well: two threads read faster than one") {
  const Plan plan = compiled(Sequential{Linear(2600, 2600), ReLU()}, 2);
  REQUIRE(choose(plan, 1).threads == 2);
  REQUIRE(choose(plan, 1).side == Side::outputs);
}

TEST_CASE("threads grow with the work, up to the most that were asked for") {
  const Plan plan = compiled(Sequential{Linear(64, 256), ReLU(), Linear(256, 8)}, 6);
  std::size_t last = 1;
  for (std::size_t rows = 1; rows < 20000; rows *= 2) {
    const std::size_t threads = choose(plan, rows).threads;
    REQUIRE(threads >= last);
    REQUIRE(choose(plan, rows, true).threads >= threads);  // awake workers cost less
    last = threads;
  }
  REQUIRE(last == 6);
}

TEST_CASE("phases cover every step once, in order") {
  const Plan plan = compiled(wide(), 2);
  const plan::Program& program = plan.program();
  REQUIRE(program.phases.size() == 4);  // three Linears, and the softmax over all outputs of the last
  std::size_t next = 0;
  for (const plan::Phase& phase : program.phases) {
    REQUIRE(phase.first == next);
    next = phase.last;
  }
  REQUIRE(next == program.steps.size());
  REQUIRE(program.phases.back().row_epilogue);
  REQUIRE(compiled(wide(), 1).program().phases.empty());
}

TEST_CASE("each part is done exactly once, however many of the threads come") {
  constexpr std::size_t kThreads = 4;
  for (std::size_t present = 1; present <= kThreads; ++present) {
    for (int round = 0; round < 200; ++round) {
      std::vector<run::Share> shares(kThreads);
      std::vector<std::atomic<int>> visits(kThreads * 8);
      const Parts work{{3, 0, 8, 1}, &visits};
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < present; ++i) {
        threads.emplace_back([&, i] {
          run::work_on(shares.data(), kThreads, i, work);
          run::wait_for(shares.data(), kThreads, work);
        });
      }
      for (std::thread& thread : threads) thread.join();
      for (std::size_t share = 0; share < kThreads; ++share) {
        for (std::uint32_t part = 0; part < 8; ++part) {
          REQUIRE(visits[share * 8 + part] == (part < work.counts[share] ? 1 : 0));
        }
      }
    }
  }
}

TEST_CASE("cut by outputs or by rows, fused or not, in place or not, the bits are those of one thread") {
  std::mt19937 engine(5);
  std::normal_distribution<float> normal;
  Model model = wide();
  model.randomize(3);
  Model square = Sequential{Linear(512, 512)};
  square.randomize(4);
  for (const Isa isa : system_info().instruction_sets) {
    for (const bool fuse : {true, false}) {
      for (const Model* m : {&model, &square}) {
        const Plan one = m->compile({.isa = isa, .fuse = fuse});
        Workspace alone = one.workspace();
        for (const std::size_t rows : {1u, 2u, 3u, 5u, 8u, 13u, 50u}) {
          std::vector<float> x(rows * one.input_size());
          for (float& v : x) v = normal(engine);
          std::vector<float> expected(rows * one.output_size());
          one.run(x, expected, alone);
          for (const int threads : {2, 3, 4}) {
            const Plan plan = m->compile({.threads = threads, .isa = isa, .fuse = fuse});
            Workspace workspace = plan.workspace();
            std::vector<float> y(expected.size());
            plan.run(x, y, workspace);
            REQUIRE(std::memcmp(y.data(), expected.data(), y.size() * sizeof(float)) == 0);
            if (plan.input_size() != plan.output_size()) continue;
            y = x;
            plan.run(y, y, workspace);
            REQUIRE(std::memcmp(y.data(), expected.data(), y.size() * sizeof(float)) == 0);
          }
        }
      }
    }
  }
}
