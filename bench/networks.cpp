// The networks of shapes.hpp at every batch size -> time per call (Google Benchmark).
// SPDX-License-Identifier: Apache-2.0
#include "build_model.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace lamina;

void run_network(benchmark::State& state, const bench::Network& network, int threads) {
  const Plan plan = bench::build_model(bench::draw_chain(network)).compile({.threads = threads});
  Workspace workspace = plan.workspace();
  const auto rows = static_cast<std::size_t>(state.range(0));
  std::vector<float> x(rows * plan.input_size()), y(rows * plan.output_size());
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (float& v : x) v = normal(engine);
  for (auto _ : state) {
    plan.run(x, y, workspace);
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  const double rows_done = static_cast<double>(state.iterations()) * static_cast<double>(rows);
  state.counters["GFLOP/s"] =
      benchmark::Counter(rows_done * bench::flops_per_row(network) * 1e-9, benchmark::Counter::kIsRate);
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::Network& network : bench::kNetworks) {
    for (const int threads : {1, 2}) {
      const std::string name = std::string(network.name) + "/threads:" + std::to_string(threads);
      auto* benchmark = benchmark::RegisterBenchmark(
          name.c_str(), [&network, threads](benchmark::State& state) { run_network(state, network, threads); });
      for (const std::int64_t batch : bench::kBatches) benchmark->Arg(batch);
      benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
