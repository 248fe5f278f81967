// OpenBLAS as a peer: cblas_sgemm per layer, with our own vectorised bias and activation behind it.
// SPDX-License-Identifier: Apache-2.0
//
// A BLAS takes no packed weights and has no epilogue. Ways: weights as [out][in] (transposed by the call) or [in][out];
// for one row sgemv, as a BLAS user would; all rows at once or 64 of them through all layers while they are in cache;
// with several threads OpenBLAS's own, or the rows cut between OpenMP threads with one BLAS thread each (the FAQ's
// advice on multithreaded callers).
#include "peers/epilogue.hpp"
#include "peers/peer.hpp"
#include "peers/rows.hpp"

#include <cblas.h>

namespace lamina::bench {
namespace {

struct Layer {
  Dense dense;
  bool transposed = false;  ///< weights are [in][out]
};

int size(std::size_t n) { return static_cast<int>(n); }

void multiply(const Layer& layer, const float* x, float* y, std::size_t rows) {
  const Dense& d = layer.dense;
  const int in = size(d.in), out = size(d.out);
  if (rows == 1 && layer.transposed) {
    cblas_sgemv(CblasRowMajor, CblasTrans, in, out, 1.0f, d.weight.data(), out, x, 1, 0.0f, y, 1);
  } else if (rows == 1) {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, out, in, 1.0f, d.weight.data(), in, x, 1, 0.0f, y, 1);
  } else {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, layer.transposed ? CblasNoTrans : CblasTrans, size(rows), out, in, 1.0f, x,
                in, d.weight.data(), layer.transposed ? out : in, 0.0f, y, out);
  }
}

using Layers = std::shared_ptr<const std::vector<Layer>>;

Layers lay_out(const Chain& chain, bool transposed) {
  auto layers = std::make_shared<std::vector<Layer>>();
  for (const Dense& dense : chain.layers) {
    Layer layer{dense, transposed};
    for (std::size_t o = 0; transposed && o < dense.out; ++o) {
      for (std::size_t i = 0; i < dense.in; ++i) layer.dense.weight[i * dense.out + o] = dense.weight[o * dense.in + i];
    }
    layers->push_back(std::move(layer));
  }
  return layers;
}

struct Choice {
  Cut cut;
  int blas_threads = 1;
  std::string name;
};

Way make_way(const Task& task, const Layers& layers, const Choice& choice) {
  const auto layer = [layers](std::size_t l, const float* x, float* y, std::size_t rows) {
    const Dense& dense = (*layers)[l].dense;
    multiply((*layers)[l], x, y, rows);
    finish_rows(dense.act, dense.bias.data(), y, rows, dense.out);
  };
  const auto caller = [=, widths = Widths(task.chain)](const float* x, float* y) -> Run {
    Run run = rows_runner(widths, choice.cut, x, y, layer);
    if (choice.blas_threads == 1 && choice.cut.threads == 1) return run;
    // The number is global to the library, so each way sets its own; it is an assignment where it does not grow.
    return [run, threads = choice.blas_threads] {
      openblas_set_num_threads(threads);
      run();
    };
  };
  return {choice.name, caller};
}

}  // namespace

std::string peer_version() { return openblas_get_config(); }

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  std::vector<Choice> choices = {{{task.rows, task.rows, 1}, task.threads, "all rows"}};
  if (task.rows > 64) choices.push_back({{task.rows, 64, 1}, task.threads, "64 rows"});
  if (task.threads > 1 && task.rows > 1) choices.push_back({{task.rows, task.rows, task.threads}, 1, "rows cut"});
  if (task.threads > 1 && task.rows > 64) choices.push_back({{task.rows, 64, task.threads}, 1, "64 rows, rows cut"});
  if (task.threads == 1) openblas_set_num_threads(1);
  std::vector<Way> ways;
  for (const bool transposed : {false, true}) {
    const Layers layers = lay_out(task.chain, transposed);
    for (Choice choice : choices) {
      choice.name += transposed ? ", W [in][out]" : ", W [out][in]";
      ways.push_back(make_way(task, layers, choice));
    }
  }
  return ways;
}

}  // namespace lamina::bench
