// A model file -> its first answer to a row of zeros: what a user of pkg-config compiles as C11.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/lamina.h>

#include <stdio.h>

int main(int argc, char** argv) {
  lamina_model* model = NULL;
  lamina_plan* plan = NULL;
  lamina_workspace* workspace = NULL;
  float x[64] = {0}, y[10];
  if (argc != 2 || lamina_load(argv[1], NULL, &model) || lamina_compile_and_free(model, NULL, &plan) ||
      lamina_workspace_create(plan, 0, &workspace) || lamina_run(plan, x, y, 1, workspace)) {
    fprintf(stderr, "%s\n", lamina_last_error());
    return 1;
  }
  printf("%zu answers from lamina %s\n", lamina_plan_output_size(plan), lamina_version());
  lamina_workspace_free(workspace);
  lamina_plan_free(plan);
  return 0;
}
