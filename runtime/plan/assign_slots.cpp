// Steps in order -> where each reads and writes: two ping-pong buffers, in place where it can be.
// SPDX-License-Identifier: Apache-2.0
#include "plan/lower.hpp"

namespace lamina::plan {

void assign_slots(Program& program) {
  std::vector<Step>& steps = program.steps;
  // The last step that cannot work in place writes the output; those after it work there in place.
  std::size_t writer = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].may_work_in_place) writer = i;
  }
  Slot at = Slot::input;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    step.from = at;
    if (i >= writer) {
      step.to = Slot::output;
    } else if (step.may_work_in_place && at != Slot::input) {
      step.to = at;
    } else {
      step.to = at == Slot::ping ? Slot::pong : Slot::ping;
    }
    step.in_place = step.from == step.to;
    at = step.to;
  }
  program.copy_if_aliased = program.input_size == program.output_size && !steps.empty() &&
                            steps.front().to == Slot::output && !steps.front().may_work_in_place &&
                            !std::holds_alternative<CopyStep>(steps.front().operation);
}

}  // namespace lamina::plan
