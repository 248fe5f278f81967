// A fixed set of calls -> the instructions of each, counted by callgrind around the call alone.
// SPDX-License-Identifier: Apache-2.0
//
// calls MODELS: run under valgrind by count_instructions. Each call is made once before it is counted: what only
// the first one does (lazy binding, first touch) is no part of it. 77 where it cannot be counted.
#include <lamina/functional.hpp>
#include <lamina/lamina.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#if __has_include(<valgrind/callgrind.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <valgrind/callgrind.h>
#pragma GCC diagnostic pop
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) static_cast<void>(name)
#endif

namespace {

using namespace lamina;

template <class Call>
void count(const std::string& name, const Call& call) {
  call();
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  call();
  CALLGRIND_DUMP_STATS_AT(name.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
}

/// Values in [-4, 4) of both signs, none special: what a kernel does must not depend on them.
std::vector<float> values(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i * 37 % 256) / 32.0f - 4.0f;
  return x;
}

struct Network {
  const char* name;
  const char* architecture;
};
/// What bench/ times, but for the one whose 25 million weights take too long to draw here.
constexpr Network kNetworks[] = {
    {"784-128-10", "nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10), nn.Softmax(dim=1))"},
    {"32-64-64-1",
     "nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())"},
    {"64-256-256-8",
     "nn.Sequential(nn.Linear(64, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 8), nn.Tanh())"},
    {"64-64-64-16", "nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))"},
    {"479-1024-1024-512-256-1",
     "nn.Sequential(nn.Linear(479, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 512), "
     "nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 1), nn.Sigmoid())"},
    {"4096-1", "nn.Sequential(nn.Linear(4096, 1))"},
    {"10-1000", "nn.Sequential(nn.Linear(10, 1000), nn.ReLU())"},
    {"33-77-5", "nn.Sequential(nn.Linear(33, 77), nn.ReLU(), nn.Linear(77, 5))"},
};

void count_network(const Network& network) {
  Model model = parse_architecture(network.architecture);
  model.randomize(1);
  const Plan plan = std::move(model).compile();
  Workspace workspace = plan.workspace();
  for (const std::size_t rows : {1u, 2u, 8u, 64u}) {
    const std::vector<float> x = values(rows * plan.input_size());
    std::vector<float> y(rows * plan.output_size());
    count("run " + std::string(network.name) + " batch " + std::to_string(rows), [&] { plan.run(x, y, workspace); });
  }
}

void count_function(const std::string& name, std::int64_t rows, std::int64_t columns, void (*call)(Tensor&)) {
  Tensor x({rows, columns}, values(static_cast<std::size_t>(rows * columns)));
  count(name + " " + std::to_string(rows) + "x" + std::to_string(columns), [&] { call(x); });
}

/// Large enough that what is fixed per call is no tenth of it.
void count_functions() {
  namespace F = functional;
  count_function("sigmoid", 16, 4096, [](Tensor& x) { F::sigmoid_(x); });
  count_function("tanh", 16, 4096, [](Tensor& x) { F::tanh_(x); });
  count_function("gelu", 16, 4096, [](Tensor& x) { x = F::gelu(x); });
  for (const std::int64_t columns : {2, 10, 16, 32, 100, 1000}) {
    count_function("softmax", 1024, columns, [](Tensor& x) { F::softmax_(x, 1); });
  }
}

void count_loading(const std::string& models) {
  const std::string file = models + "/digits/model.safetensors";
  count("load digits", [&] { static_cast<void>(load(file)); });
  const Model model = load(file);
  count("compile digits", [&] { static_cast<void>(model.compile()); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: calls MODELS\n", stderr);
    return 2;
  }
  if (RUNNING_ON_VALGRIND == 0) return 77;
  for (const Network& network : kNetworks) count_network(network);
  count_functions();
  count_loading(argv[1]);
  return 0;
}
