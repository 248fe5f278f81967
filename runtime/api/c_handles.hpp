// What the opaque handles of the C interface hold, and the rows that its callers point at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/batcher.hpp>
#include <lamina/lamina.h>
#include <lamina/model.hpp>
#include <lamina/plan.hpp>
#include <lamina/profile.hpp>
#include <lamina/tensor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

/// Shapes and steps are kept, since what a handle shows belongs to it.
struct lamina_model {
  lamina::Model model;
  std::optional<lamina::Shape> input_shape;
  std::optional<lamina::Shape> output_shape;
};
struct lamina_plan {
  explicit lamina_plan(lamina::Plan p) : plan(std::move(p)), steps(plan.steps()) {}
  lamina::Plan plan;
  std::vector<lamina::StepInfo> steps;
};
struct lamina_workspace {
  lamina::Workspace workspace;
};
struct lamina_profiler {
  lamina::Profiler profiler;
};
struct lamina_stop_source {
  std::stop_source source;
};
struct lamina_batcher {
  lamina::Batcher batcher;
};

namespace lamina::api {

/// One call's input and output.
struct CRows {
  std::span<const float> x;
  std::span<float> y;
};
/// `place` is the function that was called. Throws Error{invalid_argument}: null, or more than can be in memory.
[[nodiscard]] CRows c_rows(const Plan& plan, const float* x, float* y, std::size_t rows, const char* place);

}  // namespace lamina::api
