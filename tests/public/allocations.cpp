// Every use of the heap is counted -> run() uses none, whatever the batch, the threads and the answer's kind.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <vector>

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The array forms end in these. free() takes what aligned_alloc gave.
void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
// A sanitizer's own form without exceptions would not.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

long allocations_of_run(const lamina::Plan& plan, std::size_t rows) {
  const std::vector<float> x(rows * plan.input_size(), 0.25F);
  std::vector<float> y(rows * plan.output_size());
  auto workspace = plan.workspace();
  const long before = allocations;
  plan.run(x, y, workspace);
  return allocations - before;
}

lamina::Model network() {
  lamina::Model model =
      lamina::Sequential{lamina::BatchNorm1d(70), lamina::Linear(70, 300), lamina::GELU(), lamina::LayerNorm({300}),
                         lamina::Dropout(0.2),    lamina::Linear(300, 24), lamina::GLU(),  lamina::Linear(12, 5),
                         lamina::Softmax(1)};
  model.randomize(1);
  return model;
}

}  // namespace

TEST_CASE("the counter sees an allocation") {
  const long before = allocations;
  const std::vector<float> memory(100);
  CHECK(allocations == before + 1);
}

// ThreadSanitizer makes kernels some thirty times slower.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t kManyRows = 300;
#else
constexpr std::size_t kManyRows = 4096;
#endif

TEST_CASE("run allocates nothing in the caller's thread, from its first call on") {
  const auto model = network();
  for (const bool fuse : {true, false}) {
    const auto plan = model.compile({.fuse = fuse});
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{64}, kManyRows}) {
      CAPTURE(fuse, rows);
      CHECK(allocations_of_run(plan, rows) == 0);
    }
  }
}

TEST_CASE("run without a workspace allocates nothing once the pool is warm") {
  const auto plan = network().compile();
  plan.warm_up(2);
  std::vector<float> x(3 * plan.input_size(), 0.25F), y(3 * plan.output_size());
  const long before = allocations;
  for (int i = 0; i < 10; ++i) plan.run(x, y);
  plan.run(x, y, {.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1)});
  CHECK(allocations == before);
}

TEST_CASE("run over a host's own threads allocates nothing") {
  const auto model = network();
  const auto in_turn = [](std::size_t count, const std::function<void(std::size_t)>& task) {
    for (std::size_t i = 0; i < count; ++i) task(i);
  };
  const auto plan = model.compile({.threads = 2, .parallel_for = in_turn});
  for (const std::size_t rows : {std::size_t{1}, std::size_t{64}, kManyRows})
    CHECK(allocations_of_run(plan, rows) == 0);
}

TEST_CASE("run allocates nothing over several threads either, once workspace() has warmed them") {
  const auto model = network();
  for (const int threads : {2, 4}) {
    const auto plan = model.compile({.threads = threads});
    for (const std::size_t rows : {std::size_t{1}, std::size_t{64}, kManyRows}) {
      CAPTURE(threads, rows);
      CHECK(allocations_of_run(plan, rows) == 0);
    }
  }
}

TEST_CASE("a profiled run allocates nothing") {
  for (const int threads : {1, 3}) {
    const auto plan = network().compile({.threads = threads});
    const std::vector<float> x(64 * plan.input_size(), 0.25F);
    std::vector<float> y(64 * plan.output_size());
    auto workspace = plan.workspace();
    lamina::Profiler profiler(plan);
    const long before = allocations;
    plan.run(x, y, workspace, profiler);
    CHECK(allocations == before);
  }
}
