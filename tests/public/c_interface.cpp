// <lamina/lamina.h> -> the same bits, names and errors as the C++ interface, and a typed error for every misuse.
// SPDX-License-Identifier: Apache-2.0
#include "public/c_model.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.h>
#include <lamina/lamina.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace lamina::test;

TEST_CASE("answers have the bits of the C++ interface, from a file and from memory") {
  const lamina::test::Folder folder;
  const auto path = folder / "model.safetensors";
  lamina::save(network(), path);
  const std::vector<float> x = rows_of(6 * 33), expected = answers(network().compile(), x);

  CHECK(answers(compiled(loaded(lamina::test::content_of(path)).get()).get(), x) == expected);
  lamina_model* model = nullptr;
  REQUIRE(lamina_load(path.c_str(), nullptr, &model) == LAMINA_OK);
  lamina_plan* plan = nullptr;
  REQUIRE(lamina_compile_and_free(model, nullptr, &plan) == LAMINA_OK);
  CHECK(answers(PlanHandle(plan).get(), x) == expected);
}

TEST_CASE("a saved model has the bytes that the C++ interface writes") {
  const lamina::test::Folder folder;
  const std::string file = file_of(network());
  const ModelHandle model = loaded(file);
  REQUIRE(lamina_save(model.get(), (folder / "again").c_str()) == LAMINA_OK);
  CHECK(lamina::test::content_of(folder / "again") == file);
  CHECK(lamina_save(model.get(), (folder / "no/such/folder").c_str()) == LAMINA_IO);
}

TEST_CASE("names, shapes and texts are those of the C++ interface") {
  const ModelHandle model = loaded(file_of(network()));
  CHECK(lamina_model_input_count(model.get()) == 1);
  CHECK(lamina_model_input_name(model.get(), 0) == network().input_names()[0]);
  CHECK(lamina_model_output_name(model.get(), 0) == network().output_names()[0]);
  CHECK(lamina_model_output_name(model.get(), lamina_model_output_count(model.get())) == nullptr);
  CHECK(lamina_model_note(model.get(), lamina_model_note_count(model.get())) == nullptr);

  std::size_t rank = 0;
  CHECK(lamina_model_input_shape(model.get(), &rank)[0] == 6);
  CHECK(rank == 1);
  CHECK(lamina_model_output_shape(model.get(), nullptr)[0] == 4);

  char* text = nullptr;
  REQUIRE(lamina_model_summary(model.get(), &text) == LAMINA_OK);
  CHECK(std::unique_ptr<char, Free>(text).get() == lamina::summary(network()));
  REQUIRE(lamina_model_print(model.get(), &text) == LAMINA_OK);
  CHECK(std::unique_ptr<char, Free>(text).get() == lamina::to_string(network()));
}

TEST_CASE("a plan tells what it is") {
  const ModelHandle model = loaded(file_of(network()));
  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  options.threads = 2;
  const PlanHandle plan = compiled(model.get(), &options);
  const lamina::Plan same = network().compile({.threads = 2});
  std::size_t rank = 0;
  CHECK(lamina_plan_input_shape(plan.get(), &rank)[0] == 6);
  CHECK(rank == 1);
  CHECK(lamina_plan_output_shape(plan.get(), nullptr)[0] == 4);
  CHECK(lamina_plan_threads(plan.get()) == 2);
  CHECK(lamina_plan_isa(plan.get()) == static_cast<int>(same.isa()) + 1);
  CHECK(lamina_plan_weight_bytes(plan.get()) == same.weight_bytes());
  CHECK(lamina_plan_batch_coupled(plan.get()) == 0);
  CHECK(lamina_workspace_bytes(workspace_of(plan.get(), 3).get()) == same.workspace_bytes(3));
}

TEST_CASE("steps and their times are those of the C++ interface") {
  const PlanHandle plan = compiled(loaded(file_of(network())).get());
  const std::vector<lamina::StepInfo> steps = network().compile().steps();
  REQUIRE(lamina_plan_step_count(plan.get()) == steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(lamina_plan_step_layers(plan.get(), i) == steps[i].layers);
    CHECK(lamina_plan_step_operation(plan.get(), i) == steps[i].operation);
    CHECK(lamina_plan_step_kernel(plan.get(), i) == steps[i].kernel);
  }
  CHECK(lamina_plan_step_kernel(plan.get(), steps.size()) == nullptr);

  lamina_profiler* made = nullptr;
  REQUIRE(lamina_profiler_create(plan.get(), &made) == LAMINA_OK);
  const ProfilerHandle profiler(made);
  const WorkspaceHandle workspace = workspace_of(plan.get());
  const std::vector<float> x = rows_of(6 * 500), expected = answers(plan.get(), x);
  std::vector<float> y(expected.size());
  REQUIRE(lamina_run_profiled(plan.get(), x.data(), y.data(), 500, workspace.get(), profiler.get()) == LAMINA_OK);
  CHECK(y == expected);
  CHECK(lamina_profiler_threads(profiler.get()) == 1);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) sum += lamina_profiler_step_nanoseconds(profiler.get(), i);
  CHECK((sum > 0 && sum <= lamina_profiler_nanoseconds(profiler.get())));
  CHECK(lamina_profiler_step_nanoseconds(profiler.get(), steps.size()) == 0);
  const PlanHandle other = compiled(loaded(file_of(network())).get());
  CHECK(lamina_run_profiled(other.get(), x.data(), y.data(), 1, workspace_of(other.get()).get(), profiler.get()) ==
        LAMINA_INVALID_ARGUMENT);
}

TEST_CASE("a handle lives on when the one it was made from is freed") {
  const std::vector<float> x = rows_of(6 * 5), expected = answers(network().compile(), x);
  ModelHandle model = loaded(file_of(network()));
  PlanHandle plan = compiled(model.get());
  model.reset();
  CHECK(answers(plan.get(), x) == expected);
  const WorkspaceHandle workspace = workspace_of(plan.get());
  plan.reset();
  CHECK(lamina_workspace_bytes(workspace.get()) > 0);
}

TEST_CASE("every error code of C++ has its status and its name") {
  for (int code = 1; code <= LAMINA_UNAVAILABLE; ++code) {
    CHECK(lamina_status_name(code) == lamina::to_string(static_cast<lamina::Errc>(code)));
  }
  CHECK(lamina_status_name(LAMINA_OK) == std::string("ok"));
  CHECK(lamina_status_name(-1) == std::string("unknown"));
  CHECK(lamina_status_name(LAMINA_UNAVAILABLE + 1) == std::string("unknown"));
  CHECK(lamina_version() == lamina::version());
  CHECK(lamina_abi_version() == 1);
}

TEST_CASE("a failure is told by its status, in a line and in details") {
  ModelHandle model;
  lamina_load_options options = LAMINA_LOAD_OPTIONS_INIT;
  options.architecture = "Sequential(\n  (0): Linaer(in_features=6, out_features=4)\n)";
  CHECK(load(file_of(network()), &options, model) == LAMINA_UNSUPPORTED_LAYER);
  CHECK(last_error_has("Linaer"));
  CHECK(std::strchr(lamina_last_error(), '\n') == nullptr);
  CHECK(std::string(lamina_last_error_details()).find("^") != std::string::npos);

  CHECK(load("{}", nullptr, model) != LAMINA_OK);
  CHECK(load("", nullptr, model) == LAMINA_TRUNCATED);
  CHECK(lamina_last_error_details() == std::string());
}

TEST_CASE("the text of an error belongs to the thread in which it happened") {
  ModelHandle model;
  CHECK(load("", nullptr, model) != LAMINA_OK);
  const std::string here = lamina_last_error();
  std::string before, after;
  std::thread other([&] {
    before = lamina_last_error();
    lamina_model* handle = nullptr;
    static_cast<void>(lamina_load("elsewhere", nullptr, &handle));
    after = lamina_last_error();
  });
  other.join();
  CHECK(before.empty());
  CHECK(after.find("elsewhere") == 0);
  CHECK(lamina_last_error() == here);
}

TEST_CASE("a long text is cut, not within a character") {
  for (std::size_t shift = 0; shift < 2; ++shift) {
    std::string path(shift, 'a');
    while (path.size() < 2000) path += "\xC3\xA9";
    lamina_model* model = nullptr;
    CHECK(lamina_load(path.c_str(), nullptr, &model) == LAMINA_IO);
    const std::string text = lamina_last_error();
    CHECK(text.size() < 1024);
    CHECK(text.size() > 1000);
    CHECK(text.back() == '\xA9');
  }
}

TEST_CASE("options are those of C++") {
  ModelHandle model;
  lamina_load_options load_options = LAMINA_LOAD_OPTIONS_INIT;
  load_options.max_layers = 2;
  CHECK(load(file_of(network()), &load_options, model) == LAMINA_LIMIT_EXCEEDED);

  load_options = LAMINA_LOAD_OPTIONS_INIT;
  load_options.architecture = "nn.Sequential(nn.Linear(6, 40))";
  CHECK(load(file_of(network()), &load_options, model) == LAMINA_EXTRA_WEIGHT);
  load_options.allow_unused = 1;
  CHECK(lamina_model_note_count(loaded(file_of(network()), &load_options).get()) > 0);

  load_options.architecture = "nn.Sequential(OrderedDict([('hidden', nn.Linear(6, 40))]))";
  const lamina_name_pair map[] = {{"hidden", "0"}};
  load_options.map = map;
  load_options.map_count = 1;
  CHECK(lamina_model_output_shape(loaded(file_of(network()), &load_options).get(), nullptr)[0] == 40);

  load_options = LAMINA_LOAD_OPTIONS_INIT;
  load_options.prefix = "actor.";
  CHECK(load(file_of(network()), &load_options, model) != LAMINA_OK);
  CHECK(last_error_has("actor."));
}

TEST_CASE("a model whose answers are not its golden vectors is not handed over") {
  lamina::Model golden = network();
  const std::vector<float> x = rows_of(6);
  std::vector<float> y = answers(golden.compile(), x);
  golden.set_golden_vectors(lamina::GoldenVectors{lamina::Tensor({1, 6}, x), lamina::Tensor({1, 4}, y)});
  lamina_load_options options = LAMINA_LOAD_OPTIONS_INIT;
  options.verify = 1;
  ModelHandle model;
  CHECK(load(file_of(golden), &options, model) == LAMINA_OK);
  CHECK(load(file_of(network()), &options, model) == LAMINA_VERIFICATION_FAILED);

  y[2] += 0.01f;
  golden.set_golden_vectors(lamina::GoldenVectors{lamina::Tensor({1, 6}, x), lamina::Tensor({1, 4}, y)});
  CHECK(load(file_of(golden), &options, model) == LAMINA_VERIFICATION_FAILED);
  options.tolerance_absolute = 0.1;
  CHECK(load(file_of(golden), &options, model) == LAMINA_OK);
}

TEST_CASE("compile options are those of C++") {
  const ModelHandle model = loaded(file_of(network())), lone = loaded(file_of(lamina::Sequential{lamina::Tanh()}));
  PlanHandle plan;
  CHECK(lamina_model_input_shape(lone.get(), nullptr) == nullptr);
  CHECK(compile(lone.get(), nullptr, plan) != LAMINA_OK);
  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  const std::int64_t shape[] = {2, 3};
  options.input_shape = shape;
  options.input_rank = 2;
  CHECK(lamina_plan_input_size(compiled(lone.get(), &options).get()) == 6);
  for (const std::size_t rank : {std::size_t{9}, SIZE_MAX / sizeof(std::int64_t), SIZE_MAX}) {  // read nothing of it
    options.input_rank = rank;
    CHECK(compile(lone.get(), &options, plan) == LAMINA_INVALID_ARGUMENT);
  }

  options = LAMINA_COMPILE_OPTIONS_INIT;
  options.threads = LAMINA_ALL_CPUS;
  CHECK(lamina_plan_threads(compiled(model.get(), &options).get()) == lamina::system_info().effective_cpus);
  options.threads = -2;
  CHECK(compile(model.get(), &options, plan) == LAMINA_INVALID_ARGUMENT);

  options = LAMINA_COMPILE_OPTIONS_INIT;
  options.isa = LAMINA_ISA_NEON + 1;
  CHECK(compile(model.get(), &options, plan) == LAMINA_INVALID_ARGUMENT);
  for (const lamina::Isa isa : lamina::system_info().instruction_sets) {
    options.isa = static_cast<lamina_isa>(isa) + 1;
    CHECK(lamina_plan_isa(compiled(model.get(), &options).get()) == options.isa);
  }

  options = LAMINA_COMPILE_OPTIONS_INIT;
  options.no_fusion = options.read_zeros = 1;
  const std::vector<float> x = rows_of(6 * 2);
  CHECK(answers(compiled(model.get(), &options).get(), x) == answers(network().compile(), x));
}

TEST_CASE("options of an older and of a newer lamina are understood as far as they can be") {
  const std::string file = file_of(network());
  ModelHandle model;
  lamina_load_options options = LAMINA_LOAD_OPTIONS_INIT;
  options.max_layers = 2;  // beyond what the older header knows, so that it is not read
  options.struct_size = offsetof(lamina_load_options, max_file_bytes);
  CHECK(load(file, &options, model) == LAMINA_OK);

  struct Newer {
    lamina_load_options options;
    std::uint64_t unknown;
  };
  Newer newer{LAMINA_LOAD_OPTIONS_INIT, 0};
  newer.options.struct_size = sizeof newer;
  CHECK(load(file, &newer.options, model) == LAMINA_OK);
  newer.unknown = 1;
  CHECK(load(file, &newer.options, model) == LAMINA_UNSUPPORTED_FEATURE);

  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{12}, std::size_t{100000}}) {
    options.struct_size = size;
    CHECK(load(file, &options, model) == LAMINA_INVALID_ARGUMENT);
    CHECK(last_error_has("struct_size"));
  }
}

TEST_CASE("a null pointer is an error that names the argument") {
  const std::string file = file_of(network());
  const ModelHandle model = loaded(file);
  const PlanHandle plan = compiled(model.get());
  const WorkspaceHandle workspace = workspace_of(plan.get());
  lamina_model* new_model = nullptr;
  lamina_plan* new_plan = nullptr;
  lamina_workspace* new_workspace = nullptr;
  char* text = nullptr;
  std::array<float, 6> x = {};
  std::array<float, 4> y = {};
  const auto names = [](lamina_status status, const char* argument) {
    return status == LAMINA_INVALID_ARGUMENT && last_error_has(argument);
  };
  CHECK(names(lamina_load(nullptr, nullptr, &new_model), ": path: "));
  CHECK(names(lamina_load("x", nullptr, nullptr), ": model: "));
  CHECK(names(lamina_load_memory(nullptr, 1, nullptr, &new_model), ": bytes: "));
  CHECK(names(lamina_load_memory(file.data(), file.size(), nullptr, nullptr), ": model: "));
  CHECK(names(lamina_save(nullptr, "x"), ": model: "));
  CHECK(names(lamina_save(model.get(), nullptr), ": path: "));
  CHECK(names(lamina_model_summary(nullptr, &text), ": model: "));
  CHECK(names(lamina_model_summary(model.get(), nullptr), ": text: "));
  CHECK(names(lamina_model_print(nullptr, &text), ": model: "));
  CHECK(names(lamina_model_print(model.get(), nullptr), ": text: "));
  CHECK(names(lamina_compile(nullptr, nullptr, &new_plan), ": model: "));
  CHECK(names(lamina_compile(model.get(), nullptr, nullptr), ": plan: "));
  CHECK(names(lamina_compile_and_free(nullptr, nullptr, &new_plan), ": model: "));
  CHECK(names(lamina_compile_and_free(loaded(file).release(), nullptr, nullptr), ": plan: "));
  CHECK(names(lamina_workspace_create(nullptr, 0, &new_workspace), ": plan: "));
  CHECK(names(lamina_workspace_create(plan.get(), 0, nullptr), ": workspace: "));
  CHECK(names(lamina_run(nullptr, x.data(), y.data(), 1, workspace.get()), ": plan: "));
  CHECK(names(lamina_run(plan.get(), nullptr, y.data(), 1, workspace.get()), ": x: "));
  CHECK(names(lamina_run(plan.get(), x.data(), nullptr, 1, workspace.get()), ": y: "));
  CHECK(names(lamina_run(plan.get(), x.data(), y.data(), 1, nullptr), ": workspace: "));
  CHECK(names(lamina_run_with(nullptr, x.data(), y.data(), 1, nullptr, nullptr), ": plan: "));
  CHECK(names(lamina_run_with(plan.get(), nullptr, y.data(), 1, nullptr, nullptr), "lamina_run_with: x: "));
  CHECK(names(lamina_plan_warm_up(nullptr, 1), ": plan: "));
  CHECK(names(lamina_stop_source_create(nullptr), ": source: "));
  lamina_profiler* new_profiler = nullptr;
  CHECK(names(lamina_profiler_create(nullptr, &new_profiler), ": plan: "));
  CHECK(names(lamina_profiler_create(plan.get(), nullptr), ": profiler: "));
  CHECK(names(lamina_run_profiled(plan.get(), x.data(), y.data(), 1, workspace.get(), nullptr), ": profiler: "));
  CHECK(lamina_run(plan.get(), nullptr, nullptr, 0, workspace.get()) == LAMINA_OK);

  lamina_load_options options = LAMINA_LOAD_OPTIONS_INIT;
  options.map_count = 1;
  CHECK(names(lamina_load_memory(file.data(), file.size(), &options, &new_model), "options->map"));
  const lamina_name_pair half[] = {{"0", nullptr}};
  options.map = half;
  CHECK(names(lamina_load_memory(file.data(), file.size(), &options, &new_model), "options->map"));
}

TEST_CASE("what is read from a null handle is empty, and freeing it does nothing") {
  std::size_t rank = 7;
  CHECK(lamina_model_input_count(nullptr) == 0);
  CHECK(lamina_model_output_count(nullptr) == 0);
  CHECK(lamina_model_input_name(nullptr, 0) == nullptr);
  CHECK(lamina_model_output_name(nullptr, 0) == nullptr);
  CHECK(lamina_model_note_count(nullptr) == 0);
  CHECK(lamina_model_note(nullptr, 0) == nullptr);
  CHECK(lamina_model_input_shape(nullptr, &rank) == nullptr);
  CHECK(rank == 0);
  CHECK(lamina_model_output_shape(nullptr, nullptr) == nullptr);
  CHECK(lamina_plan_input_size(nullptr) == 0);
  CHECK(lamina_plan_output_size(nullptr) == 0);
  CHECK(lamina_plan_input_shape(nullptr, nullptr) == nullptr);
  CHECK(lamina_plan_output_shape(nullptr, nullptr) == nullptr);
  CHECK(lamina_plan_threads(nullptr) == 0);
  CHECK(lamina_plan_isa(nullptr) == LAMINA_ISA_BEST);
  CHECK(lamina_plan_weight_bytes(nullptr) == 0);
  CHECK(lamina_plan_batch_coupled(nullptr) == 0);
  CHECK(lamina_workspace_bytes(nullptr) == 0);
  lamina_model_free(nullptr);
  lamina_plan_free(nullptr);
  lamina_workspace_free(nullptr);
  CHECK(lamina_plan_step_count(nullptr) == 0);
  CHECK(lamina_plan_step_layers(nullptr, 0) == nullptr);
  CHECK(lamina_profiler_nanoseconds(nullptr) == 0);
  CHECK(lamina_profiler_step_nanoseconds(nullptr, 0) == 0);
  CHECK(lamina_profiler_threads(nullptr) == 0);
  lamina_profiler_free(nullptr);
  lamina_stop_source_request(nullptr);
  lamina_stop_source_free(nullptr);
  lamina_batcher_free(nullptr);
  CHECK(lamina_batcher_next_expiry_us(nullptr) == UINT64_MAX);
  lamina_text_free(nullptr);
}

TEST_CASE("a run that breaks a rule is refused before anything is written") {
  const ModelHandle model = loaded(file_of(network()));
  const PlanHandle plan = compiled(model.get()), other = compiled(model.get());
  const WorkspaceHandle small = workspace_of(plan.get(), 2);
  const std::vector<float> x = rows_of(6 * 3);
  std::vector<float> y(4 * 3, 9.0f);
  CHECK(lamina_run(plan.get(), x.data(), y.data(), 3, small.get()) == LAMINA_INVALID_ARGUMENT);
  CHECK(lamina_run(other.get(), x.data(), y.data(), 1, small.get()) == LAMINA_INVALID_ARGUMENT);
  CHECK(lamina_run(plan.get(), x.data(), const_cast<float*>(x.data()) + 1, 1, small.get()) == LAMINA_INVALID_ARGUMENT);
  CHECK(lamina_run(plan.get(), x.data(), y.data(), SIZE_MAX / 2, small.get()) == LAMINA_INVALID_ARGUMENT);
  CHECK(last_error_has("rows"));
  CHECK(y == std::vector<float>(4 * 3, 9.0f));
}

TEST_CASE("a plan over the batch asks for the rows of its workspace") {
  lamina::Model coupled = lamina::Sequential{lamina::Linear(6, 4), lamina::Softmax(0), lamina::Linear(4, 3)};
  coupled.randomize(1);
  const PlanHandle plan = compiled(loaded(file_of(coupled)).get());
  CHECK(lamina_plan_batch_coupled(plan.get()) == 1);
  lamina_workspace* workspace = nullptr;
  CHECK(lamina_workspace_create(plan.get(), 0, &workspace) == LAMINA_INVALID_ARGUMENT);
  CHECK(last_error_has("max_rows"));
  CHECK(workspace == nullptr);
}
