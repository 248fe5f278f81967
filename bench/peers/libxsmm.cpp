// LIBXSMM as a peer: kernels generated for each shape, over packed panels of 64 outputs.
// SPDX-License-Identifier: Apache-2.0
//
// After documentation/libxsmm_mm.md: a kernel is dispatched once and its pointer kept; matrices are small enough for
// the JIT (larger ones are blocked by the caller). LIBXSMM multiplies column-major: a panel [K][64] is its A (64 x K),
// a block of rows its B (K x rows), the output rows its C (64 x rows). Beta is 1 and C starts as the bias. A block of
// rows goes through all layers together, as in the library's MLP samples. Ways: blocks of 32, 64 or 128 rows, and with
// threads the panels of a layer cut between them instead of the rows.
#include "peers/epilogue.hpp"
#include "peers/peer.hpp"
#include "peers/rows.hpp"

#include <libxsmm.h>

#include <map>
#include <stdexcept>

namespace lamina::bench {
namespace {

constexpr std::size_t kPanel = 64;

using Kernel = libxsmm_smmfunction;

Kernel dispatch(std::size_t width, std::size_t rows, const Dense& layer) {
  const auto m = static_cast<int>(width), n = static_cast<int>(rows), k = static_cast<int>(layer.in);
  const int lda = kPanel, ldb = k, ldc = static_cast<int>(layer.out);
  const float one = 1.0f;
  const Kernel kernel = libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &one, nullptr, nullptr);
  if (kernel == nullptr) throw std::runtime_error("LIBXSMM generated no kernel");
  return kernel;
}

struct PackedLayer {
  std::size_t in = 0, out = 0;
  Act act = Act::none;
  Floats panels;
  std::vector<float> bias;
  struct Pair {
    Kernel whole = nullptr, last = nullptr;  ///< for a panel of 64 outputs, and for the narrower last one
  };
  std::map<std::size_t, Pair> kernels;  ///< by number of rows; there are at most three

  void run(const float* x, float* y, std::size_t rows, std::size_t first_panel, std::size_t last_panel) const {
    const Pair& kernel = kernels.at(rows);
    for (std::size_t p = first_panel; p < last_panel; ++p) {
      const std::size_t o = p * kPanel, width = std::min(kPanel, out - o);
      for (std::size_t r = 0; r < rows; ++r) std::copy_n(bias.data() + o, width, y + r * out + o);
      (width == kPanel ? kernel.whole : kernel.last)(panels.data() + o * in, x, y + o);
    }
  }
  [[nodiscard]] std::size_t panel_count() const { return (out + kPanel - 1) / kPanel; }
};

PackedLayer pack(const Dense& layer, const std::vector<std::size_t>& row_counts) {
  PackedLayer packed{layer.in, layer.out, layer.act, {}, layer.bias, {}};
  packed.panels.resize(packed.panel_count() * kPanel * layer.in);
  for (std::size_t o = 0; o < layer.out; ++o) {
    for (std::size_t i = 0; i < layer.in; ++i) {
      packed.panels[o / kPanel * kPanel * layer.in + i * kPanel + o % kPanel] = layer.weight[o * layer.in + i];
    }
  }
  for (const std::size_t rows : row_counts) {
    PackedLayer::Pair& kernel = packed.kernels[rows];
    if (layer.out >= kPanel) kernel.whole = dispatch(kPanel, rows, layer);
    if (layer.out % kPanel != 0) kernel.last = dispatch(layer.out % kPanel, rows, layer);
  }
  return packed;
}

using Layers = std::shared_ptr<const std::vector<PackedLayer>>;

/// Numbers of rows that occur when rows are cut between threads, then into blocks.
std::vector<std::size_t> row_counts(std::size_t rows, std::size_t block, int threads) {
  const auto parts = std::min(static_cast<std::size_t>(threads), rows);
  const std::size_t share = (rows + parts - 1) / parts;
  std::vector<std::size_t> counts;
  for (std::size_t first = 0; first < rows; first += share) {
    const std::size_t part = std::min(share, rows - first);
    if (part >= block) counts.push_back(block);
    if (part % block != 0) counts.push_back(part % block);
  }
  return counts;
}

Layers pack_all(const Chain& chain, const std::vector<std::size_t>& counts) {
  auto layers = std::make_shared<std::vector<PackedLayer>>();
  for (const Dense& layer : chain.layers) layers->push_back(pack(layer, counts));
  return layers;
}

Way by_rows(const Task& task, std::size_t block, int threads) {
  const Layers layers = pack_all(task.chain, row_counts(task.rows, block, threads));
  const auto layer = [layers](std::size_t l, const float* x, float* y, std::size_t rows) {
    const PackedLayer& packed = (*layers)[l];
    packed.run(x, y, rows, 0, packed.panel_count());
    finish_rows(packed.act, nullptr, y, rows, packed.out);
  };
  return {"rows " + std::to_string(block) + (threads > 1 ? ", rows cut" : ""),
          [layer, widths = Widths(task.chain), cut = Cut{task.rows, block, threads}](const float* x, float* y) {
            return rows_runner(widths, cut, x, y, layer);
          }};
}

/// Each layer's panels cut between threads: for few rows over large weights.
Way by_panels(const Task& task) {
  const Layers layers = pack_all(task.chain, row_counts(task.rows, task.rows, 1));
  const auto layer = [layers, threads = task.threads](std::size_t l, const float* x, float* y, std::size_t rows) {
    const PackedLayer& packed = (*layers)[l];
    const auto parts = static_cast<std::size_t>(threads);
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (std::size_t p = 0; p < parts; ++p) {
      packed.run(x, y, rows, packed.panel_count() * p / parts, packed.panel_count() * (p + 1) / parts);
    }
    finish_rows(packed.act, nullptr, y, rows, packed.out);
  };
  return {"panels cut", [layer, widths = Widths(task.chain), cut = Cut{task.rows, task.rows, 1}](
                            const float* x, float* y) { return rows_runner(widths, cut, x, y, layer); }};
}

}  // namespace

std::string peer_version() { return LIBXSMM_VERSION; }

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  libxsmm_init();
  std::vector<Way> ways;
  for (const std::size_t block : {32u, 64u, 128u}) {
    ways.push_back(by_rows(task, block, 1));
    if (task.threads > 1 && task.rows > 1) ways.push_back(by_rows(task, block, task.threads));
    if (task.rows <= block) break;
  }
  if (task.threads > 1 && task.rows <= 64) ways.push_back(by_panels(task));
  return ways;
}

}  // namespace lamina::bench
