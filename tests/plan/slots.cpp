// Where steps read and write, how many rows a block has, which instruction set is chosen.
// SPDX-License-Identifier: Apache-2.0
#include "plan/compile.hpp"
#include "plan/lower.hpp"
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <cstdlib>

using namespace lamina;

namespace {

const plan::Program& program_of(const Plan& plan) { return plan.program(); }

Plan compiled(Model model, CompileOptions options = {}) {
  model.randomize(1);
  return model.compile(options);
}

}  // namespace

TEST_CASE("a fused activation and a Dropout leave no step") {
  const Plan plan = compiled(Sequential{Linear(784, 128), ReLU(), Dropout(0.2), Linear(128, 10), Softmax(1)});
  REQUIRE(plan.steps().size() == 2);
  REQUIRE(plan.steps()[0].kernel.find("relu") != std::string::npos);
  REQUIRE(plan.steps()[1].kernel.find("softmax") != std::string::npos);
  const auto& steps = program_of(plan).steps;
  REQUIRE(steps[0].from == plan::Slot::input);
  REQUIRE(steps[0].to == plan::Slot::ping);
  REQUIRE(steps[1].from == plan::Slot::ping);
  REQUIRE(steps[1].to == plan::Slot::output);
}

TEST_CASE("activations that stand alone work in place, the last ones in the output itself") {
  const Plan plan = compiled(Sequential{Linear(8, 9), ReLU(), Tanh(), Linear(9, 5), Sigmoid(), Tanh(), Softmax(1)});
  const auto& steps = program_of(plan).steps;
  REQUIRE(steps.size() == 5);
  REQUIRE(steps[1].in_place);
  REQUIRE(steps[1].from == plan::Slot::ping);
  REQUIRE(steps[2].to == plan::Slot::output);
  REQUIRE(steps[3].in_place);
  REQUIRE(steps[4].in_place);
  REQUIRE(steps[4].from == plan::Slot::output);
}

TEST_CASE("scratch is threads x rows x 2 x widest padded row, plus a constant") {
  Model model = Sequential{Linear(10, 100), ReLU(), Linear(100, 300), ReLU(), Linear(300, 4)};
  model.randomize(2);
  for (const int threads : {1, 2, 3}) {
    const Plan plan = model.compile({.threads = threads});
    for (const std::size_t rows : {std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
      const std::size_t expected =
          static_cast<std::size_t>(threads) * std::min(rows, plan.row_block()) * 2 * 304 * sizeof(float) + 64 +
          (threads == 1 ? 0 : static_cast<std::size_t>(threads) * 64);
      REQUIRE(plan.workspace_bytes(rows) == expected);
      REQUIRE(plan.workspace(rows).bytes() == expected);
    }
    REQUIRE(plan.workspace_bytes() == plan.workspace_bytes(plan.row_block()));
  }
}

TEST_CASE("row blocks are multiples of the tile and follow the width") {
  for (const std::size_t tile : {4u, 6u}) {
    for (const std::size_t widest : {0u, 1u, 64u, 256u, 1024u, 8192u, 1000000u}) {
      for (const std::size_t weights : {std::size_t{0}, std::size_t{1} << 30}) {
        const std::size_t rows = plan::choose_row_block(widest, weights, tile);
        REQUIRE(rows % tile == 0);
        REQUIRE(rows >= tile);
        REQUIRE(rows <= 96);
      }
    }
  }
  REQUIRE(plan::choose_row_block(256, 0, 6) > plan::choose_row_block(4096, 0, 6));
}

TEST_CASE("an instruction set can be asked for, and a wrong one is refused by name") {
  Model model = Sequential{Linear(4, 4)};
  model.randomize(3);
  for (const Isa isa : system_info().instruction_sets) REQUIRE(model.compile({.isa = isa}).isa() == isa);
#if defined(__x86_64__)
  try {
    (void)model.compile({.isa = Isa::neon});
    FAIL("neon on x86");
  } catch (const Error& error) {
    REQUIRE(error.code() == Errc::unsupported_feature);
    REQUIRE(std::string(error.what()).find("neon") != std::string::npos);
  }
#endif
}
