// Steps -> the phases in which several threads share one block of few rows.
// SPDX-License-Identifier: Apache-2.0
#include "plan/lower.hpp"

#include <algorithm>
#include <variant>

namespace lamina::plan {
namespace {

/// Panels of the Linear in `step`, 1 where it is not to be cut. Less than 128 KiB of weights take 1.2 us from L2:
/// hardly more than the threads need to meet.
std::size_t units_of(const Step& step, const kernel::KernelTable& table) {
  constexpr std::size_t kLeastBytes = std::size_t{128} << 10;
  const auto* linear = std::get_if<LinearStep>(&step.operation);
  if (linear == nullptr || linear->outer != 1 || linear->packed.layout != WeightLayout::panel) return 1;
  if (linear->packed.panel != table.panel || linear->packed.weights.bytes() < kLeastBytes) return 1;
  return (linear->packed.n + table.panel - 1) / table.panel;
}

/// Into a phase that is cut by rows: a new one, or the last, where that is one as well.
void add_whole(std::vector<Phase>& phases, const Phase& phase) {
  if (phases.empty() || phases.back().units > 1) {
    phases.push_back(phase);
  } else {
    phases.back().last = phase.last;
  }
}

}  // namespace

void cut_into_phases(Program& program) {
  if (program.threads == 1 || program.batch_coupled) return;
  std::vector<Phase> phases;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const std::size_t units = units_of(program.steps[i], *program.table);
    if (units == 1) {
      add_whole(phases, {i, i + 1});
      continue;
    }
    phases.push_back({i, i + 1, units});
    if (std::get<LinearStep>(program.steps[i].operation).row_epilogue != nullptr) {
      phases.push_back({i + 1, i + 1, 1, true});
    }
  }
  if (std::ranges::any_of(phases, [](const Phase& phase) { return phase.units > 1; })) {
    program.phases = std::move(phases);
  }
}

}  // namespace lamina::plan
