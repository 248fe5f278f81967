// The C interface of steps and of the Profiler -> the C++ interface.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_error.hpp"
#include "api/c_handles.hpp"

#include <lamina/lamina.h>
#include <lamina/plan.hpp>
#include <lamina/profile.hpp>

#include <string>

using lamina::StepInfo;
using lamina::api::guarded;
using lamina::api::require;

namespace {

const char* step_text(const lamina_plan* plan, size_t index, std::string StepInfo::*text) noexcept {
  return plan != nullptr && index < plan->steps.size() ? (plan->steps[index].*text).c_str() : nullptr;
}

}  // namespace

extern "C" {

size_t lamina_plan_step_count(const lamina_plan* plan) { return plan == nullptr ? 0 : plan->steps.size(); }
const char* lamina_plan_step_layers(const lamina_plan* plan, size_t index) {
  return step_text(plan, index, &StepInfo::layers);
}
const char* lamina_plan_step_operation(const lamina_plan* plan, size_t index) {
  return step_text(plan, index, &StepInfo::operation);
}
const char* lamina_plan_step_kernel(const lamina_plan* plan, size_t index) {
  return step_text(plan, index, &StepInfo::kernel);
}

lamina_status lamina_profiler_create(const lamina_plan* plan, lamina_profiler** profiler) {
  return guarded([&] {
    require(plan, "lamina_profiler_create", "plan");
    require(profiler, "lamina_profiler_create", "profiler");
    *profiler = new lamina_profiler{lamina::Profiler(plan->plan)};
  });
}
void lamina_profiler_free(lamina_profiler* profiler) { delete profiler; }

lamina_status lamina_run_profiled(const lamina_plan* plan, const float* x, float* y, size_t rows,
                                  lamina_workspace* workspace, lamina_profiler* profiler) {
  return guarded([&] {
    require(plan, "lamina_run_profiled", "plan");
    require(workspace, "lamina_run_profiled", "workspace");
    require(profiler, "lamina_run_profiled", "profiler");
    const lamina::api::CRows r = lamina::api::c_rows(plan->plan, x, y, rows, "lamina_run_profiled");
    plan->plan.run(r.x, r.y, workspace->workspace, profiler->profiler);
  });
}

uint64_t lamina_profiler_nanoseconds(const lamina_profiler* profiler) {
  return profiler == nullptr ? 0 : profiler->profiler.times().nanoseconds;
}
uint64_t lamina_profiler_step_nanoseconds(const lamina_profiler* profiler, size_t index) {
  if (profiler == nullptr || index >= profiler->profiler.times().steps.size()) return 0;
  return profiler->profiler.times().steps[index].nanoseconds;
}
int32_t lamina_profiler_threads(const lamina_profiler* profiler) {
  return profiler == nullptr ? 0 : profiler->profiler.times().threads;
}
}
