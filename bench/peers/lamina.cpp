// lamina as a contender: through the public interface, as an embedder uses it.
// SPDX-License-Identifier: Apache-2.0
#include "build_model.hpp"
#include "peers/contender.hpp"

#include <memory>

namespace lamina::bench {

Run make_lamina(const Network& network, const Weights& weights) {
  Model model = build_model(network);
  std::vector<std::pair<std::string, Tensor>> tensors = model.state_dict();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::vector<float>& values = i % 2 == 0 ? weights.weight[i / 2] : weights.bias[i / 2];
    tensors[i].second = Tensor(tensors[i].second.shape(), values);
  }
  model.load_state_dict(tensors);
  const Plan plan = std::move(model).compile();
  auto workspace = std::make_shared<Workspace>(plan.workspace());
  return [plan, workspace](const float* x, float* y, std::size_t rows) {
    plan.run({x, rows * plan.input_size()}, {y, rows * plan.output_size()}, *workspace);
  };
}

}  // namespace lamina::bench
