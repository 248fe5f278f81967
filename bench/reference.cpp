// The definition of a dense chain, in double and in plain loops.
// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <algorithm>
#include <cmath>

namespace lamina::bench {
namespace {

void activate(Act act, std::vector<double>& y) {
  const double most = *std::max_element(y.begin(), y.end());
  double sum = 0;
  for (double& v : y) {
    if (act == Act::relu) v = std::max(v, 0.0);
    if (act == Act::sigmoid) v = 1 / (1 + std::exp(-v));
    if (act == Act::tanh) v = std::tanh(v);
    if (act == Act::softmax) sum += v = std::exp(v - most);
  }
  if (act != Act::softmax) return;
  for (double& v : y) v /= sum;
}

}  // namespace

Reference run_reference(const Chain& chain, const float* x) {
  Reference reference;
  std::vector<double>& y = reference.outputs;
  y.assign(x, x + chain.inputs());
  for (const Dense& layer : chain.layers) {
    reference.zeros.push_back(static_cast<std::size_t>(std::count(y.begin(), y.end(), 0.0)));
    std::vector<double> next(layer.bias.begin(), layer.bias.end());
    for (std::size_t o = 0; o < layer.out; ++o) {
      for (std::size_t i = 0; i < layer.in; ++i) next[o] += y[i] * static_cast<double>(layer.weight[o * layer.in + i]);
    }
    activate(layer.act, next);
    y = std::move(next);
  }
  return reference;
}

}  // namespace lamina::bench
