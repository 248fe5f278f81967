// A host that cancels the group of tasks in which it calls lamina -> a run that is complete all the same.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <tbb/task_group.h>

#include <vector>

using namespace lamina;

TEST_CASE("a run in a cancelled group of the host's tasks is a whole run") {
  Model model = Sequential{Linear(256, 256), ReLU(), Linear(256, 64)};
  model.randomize(5);
  const Plan plan = model.compile({.threads = 2});
  const std::size_t rows = 512;
  const std::vector<float> x(rows * plan.input_size(), 0.25f);
  std::vector<float> expected(rows * plan.output_size()), y(expected.size(), -1.0f);
  Workspace workspace = plan.workspace();
  plan.run(x, expected, workspace);

  tbb::task_group_context context;
  tbb::task_group group(context);
  group.run_and_wait([&] {
    context.cancel_group_execution();
    plan.run(x, y, workspace);
  });
  REQUIRE(y == expected);
}
