// A model file by way of lamina.h, in C11 -> 0, or the calls that did not do what the header says.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/lamina.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kRows = 3 };

static int failures = 0;

static void check(int holds, const char* what) {
  if (holds) return;
  printf("does not hold: %s; last error: %s\n", what, lamina_last_error());
  ++failures;
}

// Probabilities: each row sums to one, and has the same bits alone as among others.
static void check_answers(const lamina_plan* plan, lamina_workspace* workspace) {
  const size_t inputs = lamina_plan_input_size(plan), outputs = lamina_plan_output_size(plan);
  float* x = malloc(kRows * inputs * sizeof *x);
  float* y = malloc(kRows * outputs * sizeof *y);
  float* alone = malloc(outputs * sizeof *alone);
  if (x == NULL || y == NULL || alone == NULL) exit(2);
  for (size_t i = 0; i < kRows * inputs; ++i) x[i] = (float)(i * 7 % 17);
  check(lamina_run(plan, x, y, kRows, workspace) == LAMINA_OK, "three rows run");
  for (size_t row = 0; row < kRows; ++row) {
    double sum = 0;
    for (size_t i = 0; i < outputs; ++i) sum += (double)y[row * outputs + i];
    check(fabs(sum - 1) < 1e-5, "probabilities sum to one");
    check(lamina_run(plan, x + row * inputs, alone, 1, workspace) == LAMINA_OK, "one row runs");
    check(memcmp(alone, y + row * outputs, outputs * sizeof *alone) == 0, "a row has the same bits alone");
  }
  free(x);
  free(y);
  free(alone);
}

static void count_call(void* context, lamina_status status) { *(int*)context += status == LAMINA_OK ? 1 : 100; }

// The same row from a workspace of the pool and through a batcher, both ways: the same bits.
static void check_serving(const lamina_plan* plan) {
  float x[64] = {0}, y[4][10];
  lamina_run_options options = LAMINA_RUN_OPTIONS_INIT;
  options.timeout_us = 60000000;
  lamina_batcher* batcher = NULL;
  int answered = 0;
  check(lamina_batcher_create(plan, NULL, &batcher) == LAMINA_OK, "a batcher is made");
  check(lamina_run_with(plan, x, y[0], 1, NULL, NULL) == LAMINA_OK, "a run without a workspace");
  check(lamina_run_with(plan, x, y[1], 1, NULL, &options) == LAMINA_OK, "a run with a timeout");
  check(lamina_batcher_run(batcher, x, y[2], 1, &options) == LAMINA_OK, "a batcher runs");
  check(lamina_batcher_submit(batcher, x, y[3], 1, NULL, count_call, &answered) == LAMINA_OK, "a batcher takes");
  check(lamina_batcher_stop(batcher) == LAMINA_OK && answered == 1, "a stopped batcher has called back");
  for (int i = 1; i < 4; ++i) check(memcmp(y[0], y[i], sizeof y[0]) == 0, "all ways give the same bits");
  lamina_batcher_free(batcher);
}

static void check_model(const lamina_model* model) {
  size_t rank = 0;
  const int64_t* shape = lamina_model_input_shape(model, &rank);
  check(rank == 1 && shape[0] == 64, "a digit is 64 floats");
  check(lamina_model_input_count(model) == 1 && lamina_model_input_name(model, 0) != NULL, "one input, with a name");

  char* text = NULL;
  check(lamina_model_summary(model, &text) == LAMINA_OK && strstr(text, "Total params") != NULL, "a summary");
  lamina_text_free(text);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  lamina_model* model = NULL;
  check(lamina_load("no such file", NULL, &model) == LAMINA_IO, "a missing file is an I/O error");
  check(model == NULL && strstr(lamina_last_error(), "no such file") != NULL, "the error names the file");

  check(lamina_load(argv[1], NULL, &model) == LAMINA_OK, "the model loads");
  check_model(model);

  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  options.threads = LAMINA_ALL_CPUS;
  lamina_plan* plan = NULL;
  check(lamina_compile_and_free(model, &options, &plan) == LAMINA_OK, "the model compiles");

  lamina_workspace* workspace = NULL;
  check(lamina_workspace_create(plan, 0, &workspace) == LAMINA_OK, "scratch memory is had");
  check_answers(plan, workspace);
  check_serving(plan);
  lamina_workspace_free(workspace);
  lamina_plan_free(plan);
  return failures == 0 ? 0 : 1;
}
