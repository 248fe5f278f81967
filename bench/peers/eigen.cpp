// Eigen as a peer: fixed maps, noalias products, Eigen's own vectorised activations; compiled for this CPU.
// SPDX-License-Identifier: Apache-2.0
//
// After Eigen's "Writing efficient matrix product expressions" (noalias), "FAQ: optimization and -march=native" and
// "Eigen and multi-threading" (setNbThreads, OpenMP). Ways: weights row-major or column-major; one row as a vector
// product; all rows or 64 of them through all layers; threads inside the product or rows cut between threads.
#include "peers/peer.hpp"
#include "peers/rows.hpp"

#include <Eigen/Core>

namespace lamina::bench {
namespace {

template <int kOrder>
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, kOrder>;
using Rows = Matrix<Eigen::RowMajor>;

template <int kOrder>
struct Layer {
  Matrix<kOrder> weight;  ///< out x in
  Eigen::RowVectorXf bias;
  Act act;
};

template <typename Out>
void finish(Act act, const Eigen::RowVectorXf& bias, Out&& y) {
  switch (act) {
    case Act::none:
      y.rowwise() += bias;
      break;
    case Act::relu:
      for (Eigen::Index r = 0; r < y.rows(); ++r) y.row(r) = (y.row(r) + bias).cwiseMax(0.0f);
      break;
    case Act::sigmoid:
      for (Eigen::Index r = 0; r < y.rows(); ++r) y.row(r) = (y.row(r) + bias).array().logistic();
      break;
    case Act::tanh:
      for (Eigen::Index r = 0; r < y.rows(); ++r) y.row(r) = (y.row(r) + bias).array().tanh();
      break;
    case Act::softmax:
      for (Eigen::Index r = 0; r < y.rows(); ++r) {
        auto row = y.row(r);
        row += bias;
        row = (row.array() - row.maxCoeff()).exp();
        row *= 1 / row.sum();
      }
      break;
  }
}

template <int kOrder>
void run_layer(const Layer<kOrder>& layer, const float* x, float* y, std::size_t rows) {
  const Eigen::Index in = layer.weight.cols(), out = layer.weight.rows();
  Eigen::Map<Rows> result(y, static_cast<Eigen::Index>(rows), out);
  if (rows == 1) {
    const Eigen::Map<const Eigen::VectorXf> vector(x, in);
    Eigen::Map<Eigen::VectorXf>(y, out).noalias() = layer.weight * vector;
  } else {
    const Eigen::Map<const Rows> input(x, static_cast<Eigen::Index>(rows), in);
    result.noalias() = input * layer.weight.transpose();
  }
  finish(layer.act, layer.bias, result);
}

struct Threads {
  Cut cut;
  int eigen = 1;
  std::string name;
};

template <int kOrder>
void add_ways(const Task& task, const std::vector<Threads>& choices, const char* layout, std::vector<Way>& ways) {
  auto layers = std::make_shared<std::vector<Layer<kOrder>>>();
  for (const Dense& dense : task.chain.layers) {
    const auto out = static_cast<Eigen::Index>(dense.out), in = static_cast<Eigen::Index>(dense.in);
    layers->push_back({Eigen::Map<const Rows>(dense.weight.data(), out, in),
                       Eigen::Map<const Eigen::RowVectorXf>(dense.bias.data(), out), dense.act});
  }
  const auto layer = [layers](std::size_t l, const float* x, float* y, std::size_t rows) {
    run_layer((*layers)[l], x, y, rows);
  };
  for (const Threads& choice : choices) {
    const auto caller = [=, widths = Widths(task.chain)](const float* x, float* y) -> Run {
      Run run = rows_runner(widths, choice.cut, x, y, layer);
      return [run, threads = choice.eigen] {
        Eigen::setNbThreads(threads);  // an assignment to a global, so that each way has its own
        run();
      };
    };
    ways.push_back({choice.name + layout, caller});
  }
}

}  // namespace

std::string peer_version() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION) + " (" + Eigen::SimdInstructionSetsInUse() + ")";
}

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  std::vector<Threads> choices = {{{task.rows, task.rows, 1}, task.threads, "all rows"}};
  if (task.rows > 64) choices.push_back({{task.rows, 64, 1}, task.threads, "64 rows"});
  if (task.threads > 1 && task.rows > 1) choices.push_back({{task.rows, task.rows, task.threads}, 1, "rows cut"});
  if (task.threads > 1 && task.rows > 64) choices.push_back({{task.rows, 64, task.threads}, 1, "64 rows, rows cut"});
  std::vector<Way> ways;
  add_ways<Eigen::RowMajor>(task, choices, ", W row-major", ways);
  add_ways<Eigen::ColMajor>(task, choices, ", W column-major", ways);
  return ways;
}

}  // namespace lamina::bench
