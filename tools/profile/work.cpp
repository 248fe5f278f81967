// Steps, rows and roofs -> the least time that a run and each of its steps can take.
// SPDX-License-Identifier: Apache-2.0
#include "profile/work.hpp"

#include <algorithm>

namespace lamina::tools {
namespace {

/// What is left of a step where it skips the weights that meet zeros.
double kept(const StepReport& step, std::size_t batch) {
  return step.info.skips_zeros && batch == 1 ? 1 - step.zeros : 1;
}

}  // namespace

void find_work(const Plan& plan, const Roofs* roofs, RunReport& report) {
  const auto rows = static_cast<double>(report.batch);
  const MemoryLevel* level = roofs != nullptr ? &roofs->level_of(plan.weight_bytes()) : nullptr;
  Work& work = report.work;
  double weights = 0;
  for (StepReport& step : report.steps) {
    step.flops = static_cast<double>(step.info.flops_per_row) * rows * kept(step, report.batch);
    step.bytes = static_cast<double>(step.info.weight_bytes) * kept(step, report.batch);
    work.flops += step.flops;
    weights += step.bytes;
    if (roofs == nullptr || step.ns.n == 0) continue;
    const double least = std::max(step.flops / roofs->gigaflops, step.bytes / level->gigabytes_per_second);
    step.roof = step.ns.typical() > 0 ? least / step.ns.typical() : 0;
  }
  work.bytes = weights + rows * static_cast<double>((plan.input_size() + plan.output_size()) * sizeof(float));
  if (roofs == nullptr) return;
  const double computing = work.flops / roofs->gigaflops, reading = work.bytes / level->gigabytes_per_second;
  work.level = level->name;
  work.level_gigabytes = level->gigabytes_per_second;
  work.roof_ns = std::max(computing, reading);
  work.bound = reading > computing ? Bound::memory : Bound::compute;
}

}  // namespace lamina::tools
