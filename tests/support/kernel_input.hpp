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
  return {t.table, t.table + t.count};
}

inline std::vector<float> normal_values(std::size_t n, unsigned seed, float mean = 0.0f, float spread = 2.0f) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(mean, spread);
  std::vector<float> x(n);
  for (float& v : x) v = normal(engine);
  return x;
}

}  // namespace lamina::test
