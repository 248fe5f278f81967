// What the kernel tests share: every table that this CPU runs, and normal random values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"

#include <cstddef>
#include <random>
#include <vector>

namespace lamina::test {

inline std::vector<const kernel::KernelTable*> tables() {
  const kernel::Tables t = kernel::runnable_tables();
  std::vector<const kernel::KernelTable*> all;
  for (std::size_t i = 0; i < t.count; ++i) all.push_back(t.table[i]);
  return all;
}

inline std::vector<float> normal_values(std::size_t n, unsigned seed, float mean = 0.0f, float spread = 2.0f) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(mean, spread);
  std::vector<float> x(n);
  for (float& v : x) v = normal(engine);
  return x;
}

}  // namespace lamina::test
