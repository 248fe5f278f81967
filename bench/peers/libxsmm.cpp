// LIBXSMM 1.17 as a contender: JIT kernels over packed panels of 64 outputs, bias preloaded.
// SPDX-License-Identifier: Apache-2.0
//
// LIBXSMM multiplies column-major: a panel [K][64] is its A (64 x K), a block of rows its B (K x rows), and the output
// rows its C (64 x rows). Up to 64 rows go through the whole network together, as its own MLP sample does by blocks.
#include "peers/contender.hpp"

#include <libxsmm.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace lamina::bench {
namespace {

constexpr int kPanel = 64;
constexpr std::size_t kRows = 64;

struct PackedLayer {
  int in = 0, out = 0;
  Act act = Act::none;
  std::vector<float> panels, bias;
};

void activate(Act act, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (act == Act::relu) y[i] = std::max(y[i], 0.0f);
    if (act == Act::sigmoid) y[i] = 1.0f / (1.0f + std::exp(-y[i]));
    if (act == Act::tanh) y[i] = std::tanh(y[i]);
  }
}

void softmax(float* row, std::size_t n) {
  const float most = *std::max_element(row, row + n);
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += row[i] = std::exp(row[i] - most);
  for (std::size_t i = 0; i < n; ++i) row[i] /= sum;
}

void run_layer(const PackedLayer& layer, const float* x, float* y, int rows) {
  const auto out = static_cast<std::size_t>(layer.out);
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    std::copy(layer.bias.begin(), layer.bias.end(), y + r * out);
  }
  for (int first = 0; first < layer.out; first += kPanel) {
    const int width = std::min(kPanel, layer.out - first), lda = kPanel, ldb = layer.in, ldc = layer.out;
    const float one = 1.0f;
    // Looked up in LIBXSMM's own cache of kernels at each call, as its documentation does.
    const libxsmm_smmfunction kernel =
        libxsmm_smmdispatch(width, rows, layer.in, &lda, &ldb, &ldc, &one, &one, nullptr, nullptr);
    kernel(layer.panels.data() + static_cast<std::size_t>(first) * static_cast<std::size_t>(layer.in), x, y + first);
  }
  activate(layer.act, y, static_cast<std::size_t>(rows) * out);
  if (layer.act == Act::softmax) {
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) softmax(y + r * out, out);
  }
}

PackedLayer pack(std::int64_t in, const Layer& layer, const std::vector<float>& weight,
                 const std::vector<float>& bias) {
  PackedLayer packed{static_cast<int>(in), static_cast<int>(layer.out), layer.act, {}, bias};
  const auto k = static_cast<std::size_t>(in), n = static_cast<std::size_t>(layer.out);
  packed.panels.resize((n + kPanel - 1) / kPanel * kPanel * k);
  for (std::size_t o = 0; o < n; ++o) {
    for (std::size_t i = 0; i < k; ++i)
      packed.panels[o / kPanel * kPanel * k + i * kPanel + o % kPanel] = weight[o * k + i];
  }
  return packed;
}

}  // namespace

Run make_libxsmm(const Network& network, const Weights& weights) {
  auto layers = std::make_shared<std::vector<PackedLayer>>();
  std::int64_t in = network.in, widest = network.in;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    layers->push_back(pack(in, network.layers[l], weights.weight[l], weights.bias[l]));
    in = network.layers[l].out;
    widest = std::max(widest, in);
  }
  const auto width = static_cast<std::size_t>(widest), inputs = static_cast<std::size_t>(network.in);
  auto scratch = std::make_shared<std::vector<float>>(2 * kRows * width);
  return [layers, scratch, width, inputs](const float* x, float* y, std::size_t rows) {
    const auto outputs = static_cast<std::size_t>(layers->back().out);
    for (std::size_t row = 0; row < rows; row += kRows) {
      const std::size_t count = std::min(kRows, rows - row);
      const float* from = x + row * inputs;
      for (std::size_t l = 0; l < layers->size(); ++l) {
        float* to = l + 1 == layers->size() ? y + row * outputs : scratch->data() + l % 2 * kRows * width;
        run_layer((*layers)[l], from, to, static_cast<int>(count));
        from = to;
      }
    }
  };
}

}  // namespace lamina::bench
