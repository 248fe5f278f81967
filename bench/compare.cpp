// lamina and LIBXSMM in one process, one thread, taking turns -> a Markdown table of medians and ratios.
// SPDX-License-Identifier: Apache-2.0
#include "peers/contender.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace {

using namespace lamina::bench;

Weights draw_weights(const Network& network) {
  Weights weights;
  std::mt19937 engine(1);
  std::int64_t in = network.in;
  for (const Layer& layer : network.layers) {
    const float bound = 1.0f / std::sqrt(static_cast<float>(in));
    std::uniform_real_distribution<float> uniform(-bound, bound);
    std::vector<float> weight(static_cast<std::size_t>(in * layer.out)), bias(static_cast<std::size_t>(layer.out));
    for (float& v : weight) v = uniform(engine);
    for (float& v : bias) v = uniform(engine);
    weights.weight.push_back(std::move(weight));
    weights.bias.push_back(std::move(bias));
    in = layer.out;
  }
  return weights;
}

double seconds(const Run& run, const std::vector<float>& x, std::vector<float>& y, std::size_t rows, int calls) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) run(x.data(), y.data(), rows);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls;
}

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// Medians of nine rounds in turns of at least 5 ms each. False where the answers differ.
bool compare(const Network& network, const Weights& weights, std::size_t rows) {
  const auto outputs = static_cast<std::size_t>(network.layers.back().out);
  std::vector<float> x(rows * static_cast<std::size_t>(network.in)), y(rows * outputs), expected(rows * outputs);
  std::mt19937 engine(2);
  std::normal_distribution<float> normal;
  for (float& v : x) v = normal(engine);
  const Run ours = make_lamina(network, weights), theirs = make_libxsmm(network, weights);
  ours(x.data(), y.data(), rows);
  theirs(x.data(), expected.data(), rows);
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!(std::abs(y[i] - expected[i]) <= 1e-5f + 1e-4f * std::abs(expected[i]))) {
      std::fprintf(stderr, "%s: output %zu: lamina %g, LIBXSMM %g\n", std::string(network.name).c_str(), i,
                   static_cast<double>(y[i]), static_cast<double>(expected[i]));
      return false;
    }
  }
  const int calls = std::max(1, static_cast<int>(5e-3 / seconds(ours, x, y, rows, 1)));
  std::vector<double> a, b;
  for (int round = 0; round < 9; ++round) {
    a.push_back(seconds(ours, x, y, rows, calls));
    b.push_back(seconds(theirs, x, y, rows, calls));
  }
  const double flops = flops_per_row(network) * static_cast<double>(rows);
  std::printf("| %s | %zu | %.2f | %.2f | %.2f | %.1f |\n", std::string(network.name).c_str(), rows, median(a) * 1e6,
              median(b) * 1e6, median(b) / median(a), flops / median(a) * 1e-9);
  std::fflush(stdout);
  return true;
}

}  // namespace

/// compare [NETWORK...]: all of the first six where none is named.
int main(int argc, char** argv) {
  std::puts(
      "| network | batch | lamina us | LIBXSMM us | LIBXSMM / lamina | lamina GFLOP/s |\n|---|---|---|---|---|---|");
  bool agree = true;
  for (std::size_t i = 0; i < kNetworks.size(); ++i) {
    const Network& network = kNetworks[i];
    const bool named = std::any_of(argv + 1, argv + argc, [&](const char* name) { return network.name == name; });
    if (argc > 1 ? !named : i >= 6) continue;
    const Weights weights = draw_weights(network);
    for (const std::size_t rows : {1u, 8u, 64u, 512u}) agree = compare(network, weights, rows) && agree;
  }
  return agree ? EXIT_SUCCESS : 3;
}
