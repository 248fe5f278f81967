// The n-th allocation fails, for every n -> LAMINA_OUT_OF_MEMORY from load, compile and workspace, and no leak.
// SPDX-License-Identifier: Apache-2.0
//
// Without sanitizers malloc and its kin are replaced, so that zlib and the C++ runtime's own exception objects meet
// the failure too; with them, operator new only, and their own leak check counts as well. Whoever calls operator new
// with std::nothrow (std::stable_sort does) can do without, and is not refused.
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.h>
#include <lamina/lamina.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LAMINA_SANITIZED 1
#endif

namespace {

/// Of this thread, while it is watched: what was taken and not given back, and which allocation is to fail.
struct Watch {
  bool on = false;
  bool lasting = false;  // all later ones fail too
  long until_failure = 0;
  bool failed = false;
  long live = 0;
};
thread_local Watch watch;

/// Whether this allocation is to fail; else it is counted.
bool refuses() noexcept {
  if (!watch.on) return false;
  if (watch.failed ? watch.lasting : --watch.until_failure == 0) {
    watch.failed = true;
    return true;
  }
  ++watch.live;
  return false;
}
void count_taken() noexcept {
  if (watch.on) ++watch.live;
}
void give_back(const void* memory) noexcept {
  if (watch.on && memory != nullptr) --watch.live;
}

}  // namespace

#if defined(LAMINA_SANITIZED)

namespace {
void* allocated(std::size_t size, std::size_t alignment) {
  void* memory = refuses() ? nullptr : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void freed(void* memory) noexcept {
  give_back(memory);
  std::free(memory);
}
}  // namespace

void* operator new(std::size_t size) { return allocated(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocated(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  count_taken();
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t) noexcept { freed(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { freed(memory); }

#else

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept { return refuses() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) noexcept { return refuses() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* memory, std::size_t size) noexcept {
  if (refuses()) return nullptr;
  give_back(memory);
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return refuses() ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = aligned_alloc(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept {
  give_back(memory);
  __libc_free(memory);
}
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  count_taken();
  return __libc_malloc(size);
}

#endif

namespace {

struct Outcome {
  lamina_status status;
  bool failed;  // an allocation was refused
  long leaked;
};

Outcome with_failure(const std::function<lamina_status()>& call, long n, bool lasting) {
  watch = {true, lasting, n, false, 0};
  const lamina_status status = call();
  watch.on = false;
  return {status, watch.failed, watch.live};
}

/// Every allocation in turn; with sanitizers, whose exceptions cost milliseconds, ever fewer of the later ones.
long after(long n) {
#if defined(LAMINA_SANITIZED)
  return n + 1 + n / 32;
#else
  return n + 1;
#endif
}

/// Fails the first allocation of `call`, the second, ..., each alone and with all that follow. `call` frees what it
/// was given.
void fail_each_allocation(const std::function<lamina_status()>& call) {
  REQUIRE(call() == LAMINA_OK);  // takes what the C library keeps for good
  for (const bool lasting : {false, true}) {
    long n = 0, spared = 0;
    for (bool failed = true; failed;) {
      n = after(n);
      const Outcome outcome = with_failure(call, n, lasting);
      CAPTURE(n, lasting, lamina_last_error());
      REQUIRE(outcome.leaked == 0);
      failed = outcome.failed;
      if (outcome.status == LAMINA_OK) {
        spared += failed ? 1 : 0;
      } else {
        REQUIRE(outcome.status == LAMINA_OUT_OF_MEMORY);
        REQUIRE(lamina_last_error() == std::string("out of memory"));
      }
    }
    CHECK(n > 1);
    CHECK(spared <= 4);  // vector::shrink_to_fit leaves the vector as it is
  }
}

lamina_status load_and_free(const std::string& path, const char* architecture = nullptr) {
  lamina_load_options options = LAMINA_LOAD_OPTIONS_INIT;
  options.architecture = architecture;
  lamina_model* model = nullptr;
  const lamina_status status = lamina_load(path.c_str(), &options, &model);
  lamina_model_free(model);
  return status;
}

/// One layer of each kind that has a plan of its own.
lamina::Model network() {
  lamina::Model model = lamina::Sequential{lamina::BatchNorm1d(20), lamina::Linear(20, 70), lamina::PReLU(70),
                                           lamina::LayerNorm({70}), lamina::Dropout(0.1),   lamina::Linear(70, 10),
                                           lamina::GLU(),           lamina::Linear(5, 3),   lamina::LogSoftmax(1)};
  model.randomize(2);
  return model;
}

lamina_model* saved_and_loaded(const lamina::test::Folder& folder) {
  lamina::save(network(), folder / "model.safetensors");
  lamina_model* model = nullptr;
  REQUIRE(lamina_load((folder / "model.safetensors").c_str(), nullptr, &model) == LAMINA_OK);
  return model;
}

}  // namespace

TEST_CASE("the failing allocator fails") {
  const Outcome outcome = with_failure([] { return std::vector<int>(100).empty() ? LAMINA_IO : LAMINA_OK; }, 2, false);
  CHECK(!outcome.failed);
  CHECK(outcome.leaked == 0);
  CHECK_THROWS_AS(with_failure([] { return std::vector<int>(100).empty() ? LAMINA_IO : LAMINA_OK; }, 1, false),
                  std::bad_alloc);
  watch.on = false;
}

TEST_CASE("loading ends with out_of_memory wherever memory runs out: safetensors") {
  const lamina::test::Folder folder;
  lamina::save(network(), folder / "model.safetensors");
  const std::string path = (folder / "model.safetensors").string();
  fail_each_allocation([&] { return load_and_free(path); });
}

TEST_CASE("loading ends with out_of_memory wherever memory runs out: PyTorch files beside every kind of text") {
  const char* text = GENERATE(
      "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n"
      "  (2): Linear(in_features=3, out_features=1, bias=True)\n)",
      "model = nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 1))",
      "keras.Sequential([layers.Dense(3, activation='relu', input_shape=(2,)), layers.Dense(1)])",
      R"(class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Linear(2, width)
        self.b = nn.Linear(width, 1)
    def forward(self, x):
        return self.b(F.relu(self.a(x)))
model = Net(3))");
  const std::string file = GENERATE("state_dict.pt", "state_dict_legacy.pt", "checkpoint.pt");
  const std::string path = LAMINA_GOLDEN "/pytorch/" + file;
  CAPTURE(path, text);
  fail_each_allocation([&] { return load_and_free(path, text); });
}

TEST_CASE("loading ends with out_of_memory wherever memory runs out: files that hold their network") {
  const std::string file = GENERATE("pytorch/module.pt", "keras/archive.keras", "keras/legacy3.h5");
  const std::string path = LAMINA_GOLDEN "/" + file;
  CAPTURE(path);
  fail_each_allocation([&] { return load_and_free(path); });
}

TEST_CASE("compiling ends with out_of_memory wherever memory runs out") {
  const lamina::test::Folder folder;
  lamina_model* model = saved_and_loaded(folder);
  for (const int no_fusion : {0, 1}) {
    lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
    options.no_fusion = no_fusion;
    fail_each_allocation([&] {
      lamina_plan* plan = nullptr;
      const lamina_status status = lamina_compile(model, &options, &plan);
      lamina_plan_free(plan);
      return status;
    });
  }
  lamina_model_free(model);
}

TEST_CASE("a workspace ends with out_of_memory wherever memory runs out") {
  const lamina::test::Folder folder;
  lamina_compile_options options = LAMINA_COMPILE_OPTIONS_INIT;
  options.threads = GENERATE(1, 2);  // oneTBB starts in the call that precedes the failures
  lamina_plan* plan = nullptr;
  REQUIRE(lamina_compile_and_free(saved_and_loaded(folder), &options, &plan) == LAMINA_OK);
  fail_each_allocation([&] {
    lamina_workspace* workspace = nullptr;
    const lamina_status status = lamina_workspace_create(plan, 0, &workspace);
    lamina_workspace_free(workspace);
    return status;
  });
  lamina_plan_free(plan);
}

TEST_CASE("what serving takes ends with out_of_memory wherever memory runs out") {
  const lamina::test::Folder folder;
  lamina_model* model = saved_and_loaded(folder);
  const float x[20] = {};
  float y[3] = {};
  int told = 0;
  const auto done = [](void* count, lamina_status) { ++*static_cast<int*>(count); };
  fail_each_allocation([&] {
    lamina_plan* plan = nullptr;  // a new one each time: its pool is empty
    lamina_stop_source* source = nullptr;
    lamina_profiler* profiler = nullptr;
    lamina_batcher* batcher = nullptr;
    lamina_run_options options = LAMINA_RUN_OPTIONS_INIT;
    lamina_status status = lamina_compile(model, nullptr, &plan);
    if (status == LAMINA_OK) status = lamina_plan_warm_up(plan, 2);
    if (status == LAMINA_OK) status = lamina_stop_source_create(&source);
    options.stop = source;
    if (status == LAMINA_OK) status = lamina_profiler_create(plan, &profiler);
    lamina_batcher_options one = LAMINA_BATCHER_OPTIONS_INIT;
    one.concurrent_runs = 1;  // the CPUs are not counted, which does without memory for reading the quota
    if (status == LAMINA_OK) status = lamina_run_with(plan, x, y, 1, nullptr, &options);
    if (status == LAMINA_OK) status = lamina_batcher_create(plan, &one, &batcher);
    if (status == LAMINA_OK) status = lamina_batcher_run(batcher, x, y, 1, &options);
    const int before = told;
    if (status == LAMINA_OK) {
      status = lamina_batcher_submit(batcher, x, y, 1, &options, done, &told);
      CHECK(told == before + (status == LAMINA_OK ? 1 : 0));
    }
    lamina_batcher_free(batcher);
    lamina_profiler_free(profiler);
    lamina_stop_source_free(source);
    lamina_plan_free(plan);
    return status;
  });
  lamina_model_free(model);
}

TEST_CASE("texts end with out_of_memory wherever memory runs out") {
  const lamina::test::Folder folder;
  lamina_model* model = saved_and_loaded(folder);
  for (const auto print : {&lamina_model_summary, &lamina_model_print}) {
    fail_each_allocation([&] {
      char* text = nullptr;
      const lamina_status status = print(model, &text);
      lamina_text_free(text);
      return status;
    });
  }
  lamina_model_free(model);
}
