// Bias and activation over rows, in loops that the compiler vectorises.
// SPDX-License-Identifier: Apache-2.0
#include "peers/epilogue.hpp"

#include <algorithm>
#include <cmath>

namespace lamina::bench {
namespace {

template <typename F>
void each(const float* bias, float* y, std::size_t n, F f) {
  if (bias != nullptr) {
    for (std::size_t i = 0; i < n; ++i) y[i] = f(y[i] + bias[i]);
  } else {
    for (std::size_t i = 0; i < n; ++i) y[i] = f(y[i]);
  }
}

void softmax(const float* bias, float* y, std::size_t n) {
  each(bias, y, n, [](float v) { return v; });
  float most = y[0];
  for (std::size_t i = 1; i < n; ++i) most = y[i] > most ? y[i] : most;
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += y[i] = std::exp(y[i] - most);
  const float scale = 1 / sum;
  for (std::size_t i = 0; i < n; ++i) y[i] *= scale;
}

void finish_row(Act act, const float* bias, float* y, std::size_t n) {
  switch (act) {
    case Act::none:
      if (bias != nullptr) each(bias, y, n, [](float v) { return v; });
      break;
    case Act::relu:
      each(bias, y, n, [](float v) { return v > 0 ? v : 0.0f; });
      break;
    case Act::sigmoid:
      each(bias, y, n, [](float v) { return 1 / (1 + std::exp(-v)); });
      break;
    case Act::tanh:
      each(bias, y, n, [](float v) { return std::tanh(v); });
      break;
    case Act::softmax:
      softmax(bias, y, n);
      break;
  }
}

}  // namespace

void finish_rows(Act act, const float* bias, float* y, std::size_t rows, std::size_t out) {
  for (std::size_t r = 0; r < rows; ++r) finish_row(act, bias, y + r * out, out);
}

}  // namespace lamina::bench
