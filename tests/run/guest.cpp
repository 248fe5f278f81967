// A thread as its host has set it up -> the same after every call, and answers that do not depend on it.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.hpp>

#include <sched.h>
#include <signal.h>

#include <atomic>
#include <clocale>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace lamina;

namespace {

#if defined(__x86_64__)
using Mode = std::uint32_t;
Mode float_mode() { return __builtin_ia32_stmxcsr(); }
void set_float_mode(Mode mode) { __builtin_ia32_ldmxcsr(mode); }
constexpr Mode kFlush = 0x8040, kUpward = 0x4000, kTrapInvalid = 0x80, kInexact = 0x20;
#else
using Mode = std::uint64_t;
Mode float_mode() {
  Mode mode = 0;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
void set_float_mode(Mode mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
constexpr Mode kFlush = 1U << 24, kUpward = 1U << 22, kTrapInvalid = 0, kInexact = 0;
#endif

/// Restores the mode of this test's thread.
struct Restored {
  Mode before = float_mode();
  ~Restored() { set_float_mode(before); }
};

struct HostState {
  Mode mode;
  sigset_t signals;
  cpu_set_t cpus;
  std::string locale;

  static HostState now() {
    HostState state{};
    state.mode = float_mode();
    pthread_sigmask(SIG_SETMASK, nullptr, &state.signals);
    sched_getaffinity(0, sizeof state.cpus, &state.cpus);
    state.locale = std::setlocale(LC_ALL, nullptr);
    return state;
  }
  bool operator==(const HostState& other) const {
    bool signals_same = true;
    for (int s = 1; s < NSIG; ++s) signals_same &= sigismember(&signals, s) == sigismember(&other.signals, s);
    return mode == other.mode && signals_same && CPU_EQUAL(&cpus, &other.cpus) && locale == other.locale;
  }
};

Model network() {
  Model model = Sequential{BatchNorm1d(64), Linear(64, 256), GELU(), Linear(256, 256), Sigmoid(), Linear(256, 8)};
  model.randomize(6);
  return model;
}

std::vector<float> rows(std::size_t count) {
  std::vector<float> x(count * 64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.37f * static_cast<float>(i % 29) - 5;
  return x;
}

std::vector<float> answers(const Plan& plan, const std::vector<float>& x) {
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  plan.run(x, y);
  return y;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Plain threads, so that each one's mode is what the test makes it.
void on_plain_threads(std::size_t count, const std::function<void(std::size_t)>& task, Mode mode,
                      std::atomic<int>& kept) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      set_float_mode(mode);
      task(i);
      if (float_mode() == mode) ++kept;
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("load, compile, run and functions leave mode, signals, affinity and locale of the thread as they were") {
  const Restored restored;
  const test::Folder folder;
  const std::filesystem::path path = folder / "model.safetensors";
  save(network(), path);
  const std::vector<float> x = rows(50);
  std::vector<float> y(50 * 8);
  const Tensor tensor({3}, {0.1f, 0.2f, -0.3f});
  const Model model = load(path);
  const Plan plan = model.compile(), shared = model.compile({.threads = 2, .denormals = Denormals::flush});
  const std::pair<const char*, std::function<void()>> calls[] = {
      {"load", [&] { (void)load(path); }},
      {"compile", [&] { (void)model.compile({.threads = 2}); }},
      {"warm_up", [&] { plan.warm_up(2); }},
      {"run", [&] { plan.run(x, y); }},
      {"run on two threads", [&] { shared.run(x, y); }},
      {"functional", [&] { (void)functional::gelu(tensor); }},
  };
  for (const Mode mode : {restored.before & ~kInexact, restored.before | kFlush, restored.before | kUpward}) {
    for (const auto& [name, call] : calls) {
      CAPTURE(name, mode);
      set_float_mode(mode);
      const HostState before = HostState::now();
      call();
      const bool kept = HostState::now() == before;
      set_float_mode(restored.before);
      CHECK(kept);
    }
  }
}

TEST_CASE("no bit depends on the mode of the caller: rounding, denormals, traps") {
  const Restored restored;
  std::vector<float> x = rows(300);
  x[7] = std::numeric_limits<float>::quiet_NaN();
  x[9 * 64] = std::numeric_limits<float>::infinity();
  x[20 * 64] = 1e-40f;
  const std::vector<float> expected = answers(network().compile(), x);
  for (const Mode mode : {restored.before | kFlush, restored.before | kUpward, restored.before & ~kTrapInvalid}) {
    for (const int threads : {1, 3}) {
      const Model model = network();
      set_float_mode(mode);
      const std::vector<float> y = answers(model.compile({.threads = threads}), x);
      set_float_mode(restored.before);
      CHECK(same_bits(y, expected));
    }
  }
}

TEST_CASE("denormals are kept or flushed as the plan says, on every thread that works, which gets its mode back") {
  const Restored restored;
  Model model = Sequential{Linear(64, 64, false), Linear(64, 64, false)};
  std::vector<float> weight(64 * 64);
  for (std::size_t i = 0; i < 64; ++i) weight[i * 65] = 1;  // the identity
  model.load_state_dict({{"0.weight", Tensor({64, 64}, weight)}, {"1.weight", Tensor({64, 64}, weight)}});
  const std::vector<float> x(64 * 4000, 1e-40f), zeros(x.size());
  std::atomic<int> kept{0};
  for (const Mode mode : {restored.before & ~kFlush, restored.before | kFlush}) {
    kept = 0;
    const ParallelFor host = [&](std::size_t count, const std::function<void(std::size_t)>& task) {
      on_plain_threads(count, task, mode, kept);
    };
    set_float_mode(mode);
    const std::vector<float> preserved =
        answers(model.compile({.threads = 3, .denormals = Denormals::preserve, .parallel_for = host}), x);
    const std::vector<float> flushed =
        answers(model.compile({.threads = 3, .denormals = Denormals::flush, .parallel_for = host}), x);
    const std::vector<float> alone = answers(model.compile({.denormals = Denormals::flush}), x);
    set_float_mode(restored.before);
    CHECK(same_bits(preserved, x));
    CHECK(same_bits(flushed, zeros));
    CHECK(same_bits(alone, zeros));
    CHECK(kept == 6);
  }
}
