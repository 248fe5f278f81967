// A small network by way of lamina.h -> handles that free themselves, and answers: for tests of the C interface.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.h>
#include <lamina/lamina.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace lamina::test {

struct Free {
  void operator()(lamina_model* model) const { lamina_model_free(model); }
  void operator()(lamina_plan* plan) const { lamina_plan_free(plan); }
  void operator()(lamina_workspace* workspace) const { lamina_workspace_free(workspace); }
  void operator()(lamina_profiler* profiler) const { lamina_profiler_free(profiler); }
  void operator()(lamina_stop_source* source) const { lamina_stop_source_free(source); }
  void operator()(lamina_batcher* batcher) const { lamina_batcher_free(batcher); }
  void operator()(char* text) const { lamina_text_free(text); }
};
using ModelHandle = std::unique_ptr<lamina_model, Free>;
using PlanHandle = std::unique_ptr<lamina_plan, Free>;
using WorkspaceHandle = std::unique_ptr<lamina_workspace, Free>;
using ProfilerHandle = std::unique_ptr<lamina_profiler, Free>;
using StopSourceHandle = std::unique_ptr<lamina_stop_source, Free>;
using BatcherHandle = std::unique_ptr<lamina_batcher, Free>;

inline lamina::Model network() {
  lamina::Model model =
      lamina::Sequential{lamina::Linear(6, 40), lamina::GELU(), lamina::Linear(40, 4), lamina::Softmax(1)};
  model.randomize(5);
  return model;
}

inline std::string file_of(const lamina::Model& model) {
  const Folder folder;
  lamina::save(model, folder / "model.safetensors");
  return content_of(folder / "model.safetensors");
}

inline lamina_status load(const std::string& file, const lamina_load_options* options, ModelHandle& model) {
  lamina_model* handle = nullptr;
  const lamina_status status = lamina_load_memory(file.data(), file.size(), options, &handle);
  CHECK((handle != nullptr) == (status == LAMINA_OK));
  model.reset(handle);
  return status;
}
inline ModelHandle loaded(const std::string& file, const lamina_load_options* options = nullptr) {
  ModelHandle model;
  INFO(lamina_last_error());
  REQUIRE(load(file, options, model) == LAMINA_OK);
  return model;
}

inline lamina_status compile(const lamina_model* model, const lamina_compile_options* options, PlanHandle& plan) {
  lamina_plan* handle = nullptr;
  const lamina_status status = lamina_compile(model, options, &handle);
  CHECK((handle != nullptr) == (status == LAMINA_OK));
  plan.reset(handle);
  return status;
}
inline PlanHandle compiled(const lamina_model* model, const lamina_compile_options* options = nullptr) {
  PlanHandle plan;
  REQUIRE(compile(model, options, plan) == LAMINA_OK);
  return plan;
}

inline WorkspaceHandle workspace_of(const lamina_plan* plan, std::size_t max_rows = 0) {
  lamina_workspace* workspace = nullptr;
  REQUIRE(lamina_workspace_create(plan, max_rows, &workspace) == LAMINA_OK);
  return WorkspaceHandle(workspace);
}

inline std::vector<float> rows_of(std::size_t count) {
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = 0.25f * static_cast<float>(i % 23) - 2.5f;
  return x;
}

inline std::vector<float> answers(const lamina_plan* plan, const std::vector<float>& x) {
  const WorkspaceHandle workspace = workspace_of(plan);
  const std::size_t rows = x.size() / lamina_plan_input_size(plan);
  std::vector<float> y(rows * lamina_plan_output_size(plan));
  REQUIRE(lamina_run(plan, x.data(), y.data(), rows, workspace.get()) == LAMINA_OK);
  return y;
}

inline std::vector<float> answers(const lamina::Plan& plan, const std::vector<float>& x) {
  lamina::Workspace workspace = plan.workspace();
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  plan.run(x, y, workspace);
  return y;
}

inline bool last_error_has(const char* part) { return std::strstr(lamina_last_error(), part) != nullptr; }

}  // namespace lamina::test
