// XNNPACK as a peer: one fully_connected operator per layer, weights packed when it is made, ReLU as its clamp.
// SPDX-License-Identifier: Apache-2.0
//
// After include/xnnpack.h: operators are created once (that packs the weights), set up once for their pointers and
// batch, run many times; min and max of the operator are its only fused activation. Debian's package is a snapshot of
// February 2022; later ones have other kernels. It has no tanh for float: tanh(z) = 2 sigmoid(2 z) - 1 is computed by
// its sigmoid on doubled weights, and the 2 s - 1 goes into the next layer's weights, which is better than any pass
// over memory would be. Ways with several threads: a pthreadpool, or none.
#include "aligned.hpp"
#include "peers/peer.hpp"

#include <pthreadpool.h>
#include <xnnpack.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

namespace lamina::bench {
namespace {

void require(xnn_status status, const char* what) {
  if (status != xnn_status_success) throw std::runtime_error(std::string(what) + ": status " + std::to_string(status));
}

struct DeleteOperator {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<xnn_operator, DeleteOperator>;

struct DeletePool {
  void operator()(pthreadpool_t pool) const { pthreadpool_destroy(pool); }
};
using Pool = std::shared_ptr<pthreadpool>;

Operator fully_connected(const Dense& layer) {
  const float least = layer.act == Act::relu ? 0.0f : -std::numeric_limits<float>::infinity();
  xnn_operator_t op = nullptr;
  require(xnn_create_fully_connected_nc_f32(layer.in, layer.out, layer.in, layer.out, layer.weight.data(),
                                            layer.bias.data(), least, std::numeric_limits<float>::infinity(), 0, &op),
          "xnn_create_fully_connected_nc_f32");
  return Operator(op);
}

/// tanh as sigmoid: doubles this layer, takes 2 s - 1 into the next.
void write_tanh_as_sigmoid(Chain& chain) {
  for (std::size_t l = 0; l < chain.layers.size(); ++l) {
    if (chain.layers[l].act != Act::tanh) continue;
    for (float& w : chain.layers[l].weight) w *= 2;
    for (float& b : chain.layers[l].bias) b *= 2;
    if (l + 1 == chain.layers.size()) continue;
    Dense& next = chain.layers[l + 1];
    for (std::size_t o = 0; o < next.out; ++o) {
      double sum = 0;
      for (std::size_t i = 0; i < next.in; ++i) sum += static_cast<double>(next.weight[o * next.in + i]);
      next.bias[o] = static_cast<float>(static_cast<double>(next.bias[o]) - sum);
      for (std::size_t i = 0; i < next.in; ++i) next.weight[o * next.in + i] *= 2;
    }
  }
}

/// What one caller needs: an operator holds the pointers that it was set up with, so that none can be shared.
struct Network {
  std::vector<Operator> operators;
  Floats scratch;
  Pool pool;
  float* affine = nullptr;  ///< outputs that a last tanh still has to turn from s into 2 s - 1
  std::size_t affine_count = 0;

  void run() const {
    for (const Operator& op : operators) xnn_run_operator(op.get(), pool.get());
    for (std::size_t i = 0; i < affine_count; ++i) affine[i] = 2 * affine[i] - 1;
  }
};

void add_activation(Network& network, const Dense& layer, std::size_t rows, float* y) {
  const std::size_t n = layer.out;
  xnn_operator_t op = nullptr;
  if (layer.act == Act::sigmoid || layer.act == Act::tanh) {
    require(xnn_create_sigmoid_nc_f32(n, n, n, 0, &op), "xnn_create_sigmoid_nc_f32");
    network.operators.emplace_back(op);
    require(xnn_setup_sigmoid_nc_f32(op, rows, y, y, network.pool.get()), "xnn_setup_sigmoid_nc_f32");
  } else if (layer.act == Act::softmax) {
    require(xnn_create_softmax_nc_f32(n, n, n, 0, &op), "xnn_create_softmax_nc_f32");
    network.operators.emplace_back(op);
    require(xnn_setup_softmax_nc_f32(op, rows, y, y, network.pool.get()), "xnn_setup_softmax_nc_f32");
  }
}

std::shared_ptr<Network> build(const Chain& chain, std::size_t rows, const Pool& pool, const float* x, float* y) {
  auto network = std::make_shared<Network>();
  network->pool = pool;
  const std::size_t buffer = rows * chain.widest_hidden();
  // XNN_EXTRA_BYTES: its kernels may read so far beyond their input.
  network->scratch.resize(2 * buffer + XNN_EXTRA_BYTES / sizeof(float));
  for (std::size_t l = 0; l < chain.layers.size(); ++l) {
    const Dense& layer = chain.layers[l];
    float* to = l + 1 == chain.layers.size() ? y : network->scratch.data() + l % 2 * buffer;
    network->operators.push_back(fully_connected(layer));
    require(xnn_setup_fully_connected_nc_f32(network->operators.back().get(), rows, x, to, pool.get()),
            "xnn_setup_fully_connected_nc_f32");
    add_activation(*network, layer, rows, to);
    x = to;
  }
  if (chain.layers.back().act == Act::tanh) {
    network->affine = y;
    network->affine_count = rows * chain.outputs();
  }
  return network;
}

Way make_way(const std::shared_ptr<const Chain>& chain, std::size_t rows, int threads) {
  const Pool pool = threads > 1 ? Pool(pthreadpool_create(static_cast<std::size_t>(threads)), DeletePool()) : Pool();
  const auto caller = [=](const float* x, float* y) -> Run {
    return [network = build(*chain, rows, pool, x, y)] { network->run(); };
  };
  return {threads > 1 ? "pthreadpool" : "no pool", caller};
}

}  // namespace

std::string peer_version() { return "snapshot of 2022-02-16 (Debian 12)"; }

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  require(xnn_initialize(nullptr), "xnn_initialize");
  auto chain = std::make_shared<Chain>(task.chain);
  write_tanh_as_sigmoid(*chain);
  std::vector<Way> ways = {make_way(chain, task.rows, 1)};
  if (task.threads > 1) ways.push_back(make_way(chain, task.rows, task.threads));
  return ways;
}

}  // namespace lamina::bench
