// Functions in turns, the CPU's clock -> median nanoseconds of each, GHz.
// SPDX-License-Identifier: Apache-2.0
#include "race.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace lamina::bench {
namespace {

template <class F>
double nanoseconds(const F& f, int calls) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) f();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / calls;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::vector<double> race(const std::vector<std::function<void()>>& runs, double elements) {
  std::vector<std::vector<double>> times(runs.size());
  std::vector<int> calls(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i]) calls[i] = std::max(1, static_cast<int>(200e3 / std::max(1.0, nanoseconds(runs[i], 8))));
  }
  for (int round = 0; round < 15; ++round) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs[i]) times[i].push_back(nanoseconds(runs[i], calls[i]));
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& t : times) medians.push_back(t.empty() ? 0 : median(t) / elements);
  return medians;
}

double measured_ghz() {
  constexpr int kAdditions = 1 << 20;
  std::vector<double> ghz;
  for (int round = 0; round < 21; ++round) {
    const double ns = nanoseconds(
        [] {
          unsigned long n = 1;
          for (int i = 0; i < kAdditions; i += 8) {
            __asm__ volatile(
                "add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0"
                : "+r"(n));
          }
        },
        1);
    ghz.push_back(kAdditions / ns);
  }
  return median(ghz);
}

}  // namespace lamina::bench
