// A shared liblamina -> dlopen, a model run through it, dlclose, and all of it again.
// SPDX-License-Identifier: Apache-2.0
// usage: load_twice LIBRARY MODEL
#include <lamina/lamina.h>

#include <dlfcn.h>

#include <cstdio>
#include <vector>

namespace {

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

/// The first answer to a row of zeros; -1 where something failed.
float first_answer(void* library, const char* path) {
  lamina_model* model = nullptr;
  lamina_plan* plan = nullptr;
  lamina_workspace* workspace = nullptr;
  float answer = -1;
  if (symbol<decltype(lamina_load)>(library, "lamina_load")(path, nullptr, &model) == LAMINA_OK &&
      symbol<decltype(lamina_compile)>(library, "lamina_compile")(model, nullptr, &plan) == LAMINA_OK &&
      symbol<decltype(lamina_workspace_create)>(library, "lamina_workspace_create")(plan, 0, &workspace) == LAMINA_OK) {
    const std::vector<float> x(symbol<decltype(lamina_plan_input_size)>(library, "lamina_plan_input_size")(plan));
    std::vector<float> y(symbol<decltype(lamina_plan_output_size)>(library, "lamina_plan_output_size")(plan));
    if (symbol<decltype(lamina_run)>(library, "lamina_run")(plan, x.data(), y.data(), 1, workspace) == LAMINA_OK) {
      answer = y[0];
    }
  }
  symbol<decltype(lamina_workspace_free)>(library, "lamina_workspace_free")(workspace);
  symbol<decltype(lamina_plan_free)>(library, "lamina_plan_free")(plan);
  symbol<decltype(lamina_model_free)>(library, "lamina_model_free")(model);
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  float answers[2] = {-1, -2};
  for (float& answer : answers) {
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      std::printf("%s\n", dlerror());
      return 1;
    }
    answer = first_answer(library, argv[2]);
    dlclose(library);
  }
  std::printf("%g %g\n", static_cast<double>(answers[0]), static_cast<double>(answers[1]));
  return answers[0] == answers[1] && answers[0] >= 0 ? 0 : 1;
}
