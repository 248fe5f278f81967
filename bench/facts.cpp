// Reads a Plan's steps, and counts the zeros that its skipping layers meet.
// SPDX-License-Identifier: Apache-2.0
#include "facts.hpp"

#include "reference.hpp"

namespace lamina::bench {
namespace {

/// The share of exact zeros among the inputs of the layers that skip them, in the first row of the inputs.
double find_zero_share(const Subject& subject, const std::vector<StepInfo>& steps) {
  if (!subject.chain) return 0;
  const std::vector<std::size_t> zeros = run_reference(*subject.chain, subject.inputs.data()).zeros;
  std::size_t layer = 0;
  double met = 0, inputs = 0;
  for (const StepInfo& step : steps) {
    if (!step.operation.starts_with("Linear")) continue;
    if (step.skips_zeros && layer < zeros.size()) {
      met += static_cast<double>(zeros[layer]);
      inputs += static_cast<double>(subject.chain->layers[layer].in);
    }
    ++layer;
  }
  return inputs > 0 ? met / inputs : 0;
}

}  // namespace

Facts find_facts(const std::string& name, const Subject& subject, const Plan& plan) {
  Facts facts{name, 0, 0, false, 0, {}};
  const std::vector<StepInfo> steps = plan.steps();
  for (const StepInfo& step : steps) {
    facts.flops_per_row += static_cast<double>(step.flops_per_row);
    facts.skips_zeros = facts.skips_zeros || step.skips_zeros;
    facts.kernels.push_back(step.operation + ": " + step.kernel);
  }
  if (subject.chain) facts.flops_per_row = subject.chain->flops_per_row();
  facts.weight_bytes = subject.chain ? subject.chain->weight_bytes() : static_cast<double>(plan.weight_bytes());
  facts.zero_share = facts.skips_zeros ? find_zero_share(subject, steps) : 0;
  return facts;
}

}  // namespace lamina::bench
