// The C interface -> the C++ interface, behind the wall of c_error.hpp.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_error.hpp"
#include "api/c_handles.hpp"
#include "api/c_options.hpp"

#include <lamina/lamina.h>
#include <lamina/model.hpp>
#include <lamina/plan.hpp>
#include <lamina/version.hpp>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using lamina::Shape;
using lamina::api::guarded;
using lamina::api::require;

namespace {

static_assert(LAMINA_ISA_SSE4 - 1 == static_cast<int>(lamina::Isa::sse4));
static_assert(LAMINA_ISA_NEON - 1 == static_cast<int>(lamina::Isa::neon));

lamina_model* new_model(lamina::Model model) {
  std::optional<Shape> input = model.input_shape(), output = model.output_shape();
  return new lamina_model{std::move(model), std::move(input), std::move(output)};
}

char* new_text(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));  // NOLINT: lamina_text_free() frees it
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

const std::int64_t* dimensions(const Shape* shape, size_t* rank) noexcept {
  static constexpr std::int64_t kNone = 0;  // a scalar has no dimensions, yet its shape is known
  if (rank != nullptr) *rank = shape == nullptr ? 0 : shape->size();
  if (shape == nullptr) return nullptr;
  return shape->empty() ? &kNone : shape->data();
}
const std::int64_t* dimensions(const lamina_model* model, std::optional<Shape> lamina_model::*shape,
                               size_t* rank) noexcept {
  const bool known = model != nullptr && model->*shape;
  return dimensions(known ? &*(model->*shape) : nullptr, rank);
}

const char* text_at(const std::vector<std::string>& texts, size_t index) noexcept {
  return index < texts.size() ? texts[index].c_str() : nullptr;
}

}  // namespace

extern "C" {

const char* lamina_version(void) { return lamina::version().data(); }
uint32_t lamina_abi_version(void) { return 1; }

lamina_status lamina_load(const char* path, const lamina_load_options* options, lamina_model** model) {
  return guarded([&] {
    require(path, "lamina_load", "path");
    require(model, "lamina_load", "model");
    *model = new_model(lamina::load(path, lamina::api::load_options(options, "lamina_load")));
  });
}

lamina_status lamina_load_memory(const void* bytes, size_t size, const lamina_load_options* options,
                                 lamina_model** model) {
  return guarded([&] {
    if (size != 0) require(bytes, "lamina_load_memory", "bytes");
    require(model, "lamina_load_memory", "model");
    const std::span file(static_cast<const std::byte*>(bytes), size);
    *model = new_model(lamina::load(file, lamina::api::load_options(options, "lamina_load_memory")));
  });
}

lamina_status lamina_save(const lamina_model* model, const char* path) {
  return guarded([&] {
    require(model, "lamina_save", "model");
    require(path, "lamina_save", "path");
    lamina::save(model->model, path);
  });
}

void lamina_model_free(lamina_model* model) { delete model; }

size_t lamina_model_input_count(const lamina_model* model) {
  return model == nullptr ? 0 : model->model.input_names().size();
}
size_t lamina_model_output_count(const lamina_model* model) {
  return model == nullptr ? 0 : model->model.output_names().size();
}
const char* lamina_model_input_name(const lamina_model* model, size_t index) {
  return model == nullptr ? nullptr : text_at(model->model.input_names(), index);
}
const char* lamina_model_output_name(const lamina_model* model, size_t index) {
  return model == nullptr ? nullptr : text_at(model->model.output_names(), index);
}
const int64_t* lamina_model_input_shape(const lamina_model* model, size_t* rank) {
  return dimensions(model, &lamina_model::input_shape, rank);
}
const int64_t* lamina_model_output_shape(const lamina_model* model, size_t* rank) {
  return dimensions(model, &lamina_model::output_shape, rank);
}
size_t lamina_model_note_count(const lamina_model* model) { return model == nullptr ? 0 : model->model.notes().size(); }
const char* lamina_model_note(const lamina_model* model, size_t index) {
  return model == nullptr ? nullptr : text_at(model->model.notes(), index);
}

lamina_status lamina_model_summary(const lamina_model* model, char** text) {
  return guarded([&] {
    require(model, "lamina_model_summary", "model");
    require(text, "lamina_model_summary", "text");
    *text = new_text(lamina::summary(model->model));
  });
}
lamina_status lamina_model_print(const lamina_model* model, char** text) {
  return guarded([&] {
    require(model, "lamina_model_print", "model");
    require(text, "lamina_model_print", "text");
    *text = new_text(lamina::to_string(model->model));
  });
}
void lamina_text_free(char* text) { std::free(text); }  // NOLINT: new_text() took it from malloc

lamina_status lamina_compile(const lamina_model* model, const lamina_compile_options* options, lamina_plan** plan) {
  return guarded([&] {
    require(model, "lamina_compile", "model");
    require(plan, "lamina_compile", "plan");
    *plan = new lamina_plan(model->model.compile(lamina::api::compile_options(options, "lamina_compile")));
  });
}

lamina_status lamina_compile_and_free(lamina_model* model, const lamina_compile_options* options, lamina_plan** plan) {
  const std::unique_ptr<lamina_model> owner(model);
  return guarded([&] {
    require(model, "lamina_compile_and_free", "model");
    require(plan, "lamina_compile_and_free", "plan");
    const lamina::CompileOptions compile_options = lamina::api::compile_options(options, "lamina_compile_and_free");
    *plan = new lamina_plan(std::move(owner->model).compile(compile_options));
  });
}

void lamina_plan_free(lamina_plan* plan) { delete plan; }

size_t lamina_plan_input_size(const lamina_plan* plan) { return plan == nullptr ? 0 : plan->plan.input_size(); }
size_t lamina_plan_output_size(const lamina_plan* plan) { return plan == nullptr ? 0 : plan->plan.output_size(); }
const int64_t* lamina_plan_input_shape(const lamina_plan* plan, size_t* rank) {
  return dimensions(plan == nullptr ? nullptr : &plan->plan.input_shape(), rank);
}
const int64_t* lamina_plan_output_shape(const lamina_plan* plan, size_t* rank) {
  return dimensions(plan == nullptr ? nullptr : &plan->plan.output_shape(), rank);
}
int32_t lamina_plan_threads(const lamina_plan* plan) { return plan == nullptr ? 0 : plan->plan.threads(); }
lamina_isa lamina_plan_isa(const lamina_plan* plan) {
  return plan == nullptr ? LAMINA_ISA_BEST : static_cast<lamina_isa>(plan->plan.isa()) + 1;
}
size_t lamina_plan_weight_bytes(const lamina_plan* plan) { return plan == nullptr ? 0 : plan->plan.weight_bytes(); }
int32_t lamina_plan_batch_coupled(const lamina_plan* plan) {
  return plan != nullptr && plan->plan.batch_coupled() ? 1 : 0;
}

lamina_status lamina_workspace_create(const lamina_plan* plan, size_t max_rows, lamina_workspace** workspace) {
  return guarded([&] {
    require(plan, "lamina_workspace_create", "plan");
    require(workspace, "lamina_workspace_create", "workspace");
    *workspace = new lamina_workspace{max_rows == 0 ? plan->plan.workspace() : plan->plan.workspace(max_rows)};
  });
}
void lamina_workspace_free(lamina_workspace* workspace) { delete workspace; }
size_t lamina_workspace_bytes(const lamina_workspace* workspace) {
  return workspace == nullptr ? 0 : workspace->workspace.bytes();
}

lamina_status lamina_run(const lamina_plan* plan, const float* x, float* y, size_t rows, lamina_workspace* workspace) {
  return guarded([&] {
    require(plan, "lamina_run", "plan");
    require(workspace, "lamina_run", "workspace");
    const lamina::api::CRows r = lamina::api::c_rows(plan->plan, x, y, rows, "lamina_run");
    plan->plan.run(r.x, r.y, workspace->workspace);
  });
}
}
