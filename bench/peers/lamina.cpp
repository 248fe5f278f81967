// lamina as a peer: through the public interface, as an embedder uses it.
// SPDX-License-Identifier: Apache-2.0
//
// Variants: "dense" (compile({.skip_zeros = false})) and "zeros" (the default). One Plan, a Workspace per caller.
#include "build_model.hpp"
#include "peers/peer.hpp"

#include <memory>

namespace lamina::bench {

std::string peer_version() { return std::string(version()); }

std::vector<Way> peer_ways(const Task& task, const std::string& variant) {
  Model model = task.model_file.empty() ? build_model(task.chain) : load(task.model_file);
  const Plan plan = std::move(model).compile({.threads = task.threads, .skip_zeros = variant != "dense"});
  const auto caller = [plan, rows = task.rows](const float* x, float* y) -> Run {
    auto workspace = std::make_shared<Workspace>(plan.workspace());
    const std::span<const float> in(x, rows * plan.input_size());
    const std::span<float> out(y, rows * plan.output_size());
    return [plan, workspace, in, out] { plan.run(in, out, *workspace); };
  };
  return {{"Plan::run", caller}};
}

}  // namespace lamina::bench
