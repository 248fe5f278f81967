// A model file and its input -> the number of answers: both installed components, in ten lines.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <cstdio>
#include <vector>

int main(int, char** argv) {
  const lamina::Plan plan = lamina::load(argv[1]).compile();
  const lamina::Tensor x = lamina::data::read_array(argv[2]);
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  lamina::Workspace workspace = plan.workspace();
  plan.run(x.values(), y, workspace);
  std::printf("%zu answers from lamina %s\n", y.size(), lamina::version().data());
}
