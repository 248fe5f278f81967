// What Plan::run checks before it writes anything, and aliasing of x and y.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <vector>

using namespace lamina;

namespace {

Model filled(Model model) {
  model.randomize(5);
  return model;
}

Errc code_of(const Plan& plan, std::span<const float> x, std::span<float> y, Workspace& workspace) {
  try {
    plan.run(x, y, workspace);
  } catch (const Error& error) {
    return error.code();
  }
  return Errc::internal;
}

}  // namespace

TEST_CASE("sizes that do not fit are refused and nothing is written") {
  const Plan plan = filled(Sequential{Linear(4, 3), ReLU(), Linear(3, 2)}).compile();
  Workspace workspace = plan.workspace();
  std::vector<float> x(8, 1.0f), y(4, 7.0f);
  REQUIRE(code_of(plan, std::span(x).first(7), y, workspace) == Errc::shape_mismatch);
  REQUIRE(code_of(plan, x, std::span(y).first(3), workspace) == Errc::shape_mismatch);
  REQUIRE(y == std::vector<float>(4, 7.0f));
  Workspace small = plan.workspace(1);
  REQUIRE(code_of(plan, x, y, small) == Errc::invalid_argument);
  Workspace foreign = filled(Sequential{Linear(4, 2)}).compile().workspace();
  REQUIRE(code_of(plan, x, y, foreign) == Errc::invalid_argument);
  REQUIRE(y == std::vector<float>(4, 7.0f));
}

TEST_CASE("no rows give an empty answer") {
  const Plan plan = filled(Sequential{Linear(4, 3)}).compile({.threads = 2});
  Workspace workspace = plan.workspace();
  REQUIRE_NOTHROW(plan.run({}, {}, workspace));
}

TEST_CASE("x and y may be the same memory where the sizes agree, but not overlap") {
  for (const bool two_layers : {false, true}) {
    const Model model =
        two_layers ? filled(Sequential{Linear(6, 9), Tanh(), Linear(9, 6)}) : filled(Sequential{Linear(6, 6)});
    const Plan plan = model.compile();
    Workspace workspace = plan.workspace();
    std::vector<float> x(6 * 300), apart(6 * 300);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8.0f;
    plan.run(x, apart, workspace);
    std::vector<float> same = x;
    plan.run(same, same, workspace);
    REQUIRE(same == apart);
    REQUIRE(code_of(plan, std::span(x).first(12), std::span(x).subspan(6, 12), workspace) == Errc::invalid_argument);
  }
}

TEST_CASE("a moved Model is empty and its Plan complete") {
  Model model = filled(Sequential{Linear(4, 3)});
  const Model copy = model;
  const Plan a = copy.compile(), b = std::move(model).compile();
  Workspace wa = a.workspace(), wb = b.workspace();
  std::vector<float> x(4, 0.5f), ya(3), yb(3);
  a.run(x, ya, wa);
  b.run(x, yb, wb);
  REQUIRE(ya == yb);
}
