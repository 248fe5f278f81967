// Layers that each map rows to rows -> a run of all of them, in one caller's two buffers; rows cut between threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "aligned.hpp"
#include "chain.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace lamina::bench {

/// Sizes of a chain, for peers that loop over layers themselves.
struct Widths {
  explicit Widths(const Chain& chain)
      : in(chain.inputs()), out(chain.outputs()), hidden(chain.widest_hidden()), layers(chain.layers.size()) {}
  std::size_t in, out, hidden, layers;
};

/// layer(l, x, y, rows) for every layer, by blocks of `block` rows that stay in cache between layers.
template <typename LayerFunction>
void run_rows(const Widths& widths, std::size_t block, const float* x, float* y, std::size_t rows, float* scratch,
              const LayerFunction& layer) {
  for (std::size_t row = 0; row < rows; row += block) {
    const std::size_t count = std::min(block, rows - row);
    const float* from = x + row * widths.in;
    for (std::size_t l = 0; l < widths.layers; ++l) {
      float* to = l + 1 == widths.layers ? y + row * widths.out : scratch + l % 2 * block * widths.hidden;
      layer(l, from, to, count);
      from = to;
    }
  }
}

struct Cut {
  std::size_t rows = 0;   ///< of a call
  std::size_t block = 0;  ///< rows that go through all layers together
  int threads = 1;        ///< the rows are cut into so many contiguous parts
};

/// The same on several threads, by OpenMP.
template <typename LayerFunction>
std::function<void()> rows_runner(const Widths& widths, const Cut& cut, const float* x, float* y, LayerFunction layer) {
  const std::size_t rows = cut.rows;
  const std::size_t block = std::min(cut.block, rows);
  const auto parts = std::min(static_cast<std::size_t>(cut.threads), rows);
  const std::size_t share = (rows + parts - 1) / parts, scratch_size = 2 * block * widths.hidden;
  auto scratch = std::make_shared<Floats>(parts * scratch_size);
  const auto part = [=](std::size_t p) {
    const std::size_t first = p * share, last = std::min(first + share, rows);
    if (first >= last) return;
    run_rows(widths, block, x + first * widths.in, y + first * widths.out, last - first,
             scratch->data() + p * scratch_size, layer);
  };
  if (parts == 1) return [=] { part(0); };
  return [=] {
#pragma omp parallel for schedule(static, 1) num_threads(static_cast <int>(parts))
    for (std::size_t p = 0; p < parts; ++p) part(p);
  };
}

}  // namespace lamina::bench
