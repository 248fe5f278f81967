// lamina in a host process -> no CPU while idle, safe to fork, no memory left behind, models exchanged under load.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace lamina;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

Model network(std::uint64_t seed = 1) {
  Model model = Sequential{Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 8), Softmax(1)};
  model.randomize(seed);
  return model;
}

std::vector<float> answers(const Plan& plan, const std::vector<float>& x) {
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  plan.run(x, y);
  return y;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// CPU seconds of `calls` runs at 10 Hz, and of as many back to back.
std::pair<double, double> idle_and_busy(const Plan& plan, const std::vector<float>& x, int calls) {
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  plan.warm_up(1);
  double before = cpu_seconds();
  for (int i = 0; i < calls; ++i) plan.run(x, y);
  const double busy = cpu_seconds() - before;
  std::this_thread::sleep_for(20ms);  // oneTBB's workers fall asleep
  before = cpu_seconds();
  for (int i = 0; i < calls; ++i) {
    plan.run(x, y);
    std::this_thread::sleep_for(100ms);
  }
  return {cpu_seconds() - before, busy};
}

std::size_t resident_pages() {
  std::size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident;
}

void save_with_answers(Model model, const std::vector<float>& x, const std::vector<float>& y,
                       const std::filesystem::path& path) {
  const auto rows = static_cast<std::int64_t>(x.size() / 64);
  model.set_golden_vectors(GoldenVectors{Tensor({rows, 64}, x), Tensor({rows, 8}, y)});
  save(model, path);
}

/// Whether `body` is true in a child process.
template <class Body>
bool in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

// First: the process has run nothing on several threads yet.
TEST_CASE("a process may fork before its first parallel run; parent and child then run on several threads") {
  if (kSanitized) return;  // ThreadSanitizer starts a thread of its own
  const Model model = network();
  const std::vector<float> x(400 * 64, 0.5f), expected = answers(model.compile(), x);
  const Plan plan = model.compile({.threads = 2});
  CHECK(in_child([&] { return answers(plan, x) == expected; }));
  CHECK(answers(plan, x) == expected);
  const Plan one = model.compile();
  CHECK(in_child([&] { return answers(one, x) == expected; }));  // one thread: also after a parallel run
}

TEST_CASE(
    "idle means no CPU: 10 calls a second cost what the calls cost, and a millisecond each with several threads") {
  if (kSanitized) return;
  constexpr int kCalls = 15;
  const std::vector<float> x(512 * 64, 0.5f);
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    const auto [idle, busy] = idle_and_busy(network().compile({.threads = threads}), x, kCalls);
    CAPTURE(idle, busy);
    CHECK(idle < 3 * busy + kCalls * (threads == 1 ? 0.0005 : 0.0015));  // cold caches and clocks may triple a call
  }
}

TEST_CASE("loading, running and unloading again and again leaves no memory behind") {
  const test::Folder folder;
  Model small = Sequential{Linear(8, 16), Tanh(), Linear(16, 2)};
  small.randomize(1);
  save(small, folder / "model.safetensors");
  const std::string file = test::content_of(folder / "model.safetensors");
  const std::vector<float> x(8, 0.5f);
  const auto cycles = [&](int count) {
    for (int i = 0; i < count; ++i) (void)answers(load(std::as_bytes(std::span(file))).compile(), x);
  };
  constexpr int kCycles = kSanitized ? 300 : 10000;
  cycles(kCycles / 10);
  const std::size_t before = resident_pages();
  cycles(kCycles);
  const std::size_t after = resident_pages();
  CAPTURE(before, after);
  if (!kSanitized) CHECK(after <= before + 32);  // 128 KiB
}

TEST_CASE("a model is exchanged while requests run: each answer is of the old one or of the new one, whole") {
  const std::vector<float> x(3 * 64, 0.25f);
  const std::vector<float> first = answers(network(1).compile(), x), second = answers(network(2).compile(), x);
  REQUIRE(first != second);
  const test::Folder folder;
  save_with_answers(network(1), x, first, folder / "first");
  save_with_answers(network(2), x, second, folder / "second");
  save_with_answers(network(2), x, first, folder / "wrong");
  const auto verified = [&](const char* file) {
    return std::make_shared<const Plan>(load(folder / file, {.verify = true}).compile());
  };
  std::mutex mutex;
  auto current = verified("first");
  const auto now = [&] {
    const std::lock_guard lock(mutex);
    return current;
  };
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, served{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      std::vector<float> y(first.size());
      while (!over) {
        now()->run(x, y);
        if (y != first && y != second) ++wrong;
        ++served;
      }
    });
  }
  for (std::uint64_t round = 0; round < 20; ++round) {
    const int before = served;
    CHECK_THROWS_AS(verified("wrong"), Error);  // the one in service stays
    auto next = verified(round % 2 == 0 ? "second" : "first");
    next->warm_up(3);
    {
      const std::lock_guard lock(mutex);
      current.swap(next);
    }
    while (served < before + 3) std::this_thread::yield();
  }
  over = true;
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}
