// A network of shapes.hpp with fixed weights -> something that computes y from x: what every contender offers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shapes.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace lamina::bench {

/// The same numbers for all: weight[l] is [out][in], row-major, as PyTorch keeps it.
struct Weights {
  std::vector<std::vector<float>> weight, bias;
};

/// Computes `rows` rows, one thread, everything prepared beforehand. x and y are as in Plan::run.
using Run = std::function<void(const float* x, float* y, std::size_t rows)>;

[[nodiscard]] Run make_lamina(const Network& network, const Weights& weights);
[[nodiscard]] Run make_libxsmm(const Network& network, const Weights& weights);

}  // namespace lamina::bench
