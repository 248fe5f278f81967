// A packed Linear over any number of rows -> tiles: which tile does which rows and outputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"
#include "kernel/linear_dot.inl.hpp"
#include "kernel/linear_sparse.inl.hpp"
#include "kernel/linear_tile.inl.hpp"
#include "kernel/tile_shape.inl.hpp"
#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

template <class A>
struct LinearTile {
  using Shape = TileShape<kLanes<A>>;
  static constexpr const char *kName = Shape::kName, *kLowName = Shape::kLowName;
  static constexpr std::size_t kPanel = Shape::kPanelVectors * kLanes<A>;
  static constexpr std::size_t kRows = Shape::kRows;
  static constexpr std::size_t kRowOutputs = Shape::kRowVectors * kLanes<A>;
};

using TileFn = void (*)(const TileArgs& t) noexcept;

/// fn[rows - 1]: the exact tile for each number of rows up to the largest.
template <int MaxRows>
struct TileColumn {
  TileFn fn[MaxRows];
};

template <class A, int NV, int PV, int C, int MaxRows>
constexpr TileColumn<MaxRows> make_tile_column() {
  TileColumn<MaxRows> column{};
  const auto fill = [&]<int... I>(Ints<I...>) {
    if constexpr (C == 1) {
      ((column.fn[I] = &linear_tile<A, I + 1, NV, PV>), ...);
    } else {
      ((column.fn[I] = &linear_tile_chains<A, I + 1, NV, C>), ...);
    }
  };
  fill(MakeInts<MaxRows>{});
  return column;
}

/// All rows of one group of output vectors.
template <int MaxRows>
LAMINA_INLINE void run_rows(const TileColumn<MaxRows>& column, TileArgs t, std::size_t rows, std::size_t best) {
  const std::size_t tiles = tile_count(rows, best, MaxRows);
  for (std::size_t i = tiles; i != 0; --i) {
    const std::size_t height = tile_height(rows, i);
    column.fn[height - 1](t);
    t.x += height * t.ldx;
    t.y += height * t.ldy;
    rows -= height;
  }
}

template <class A, int NV, int C>
LAMINA_INLINE void run_group(const TileArgs& t, std::size_t rows) {
  using S = TileShape<kLanes<A>>;
  if constexpr (C == 1) {
    // Narrow groups take taller tiles: 12 x 2 and 8 x 3 hold as many accumulators as 6 x 4.
    constexpr int kMaxRows =
        NV * S::kNarrowRows <= S::kPanelVectors * S::kRows ? S::kNarrowRows : S::kPanelVectors * S::kRows / NV;
    static constexpr auto kColumn = make_tile_column<A, NV, NV, 1, kMaxRows>();
    const std::size_t most = kMaxRows;
    run_rows(kColumn, t, rows, NV == S::kPanelVectors ? best_rows<kLanes<A>>(t.k) : most);
  } else {
    constexpr int kBudget = S::kPanelVectors * S::kRows / (NV * C);
    constexpr int kMaxRows = kBudget < 1 ? 1 : kBudget;
    static constexpr auto kColumn = make_tile_column<A, NV, NV, C, kMaxRows>();
    run_rows(kColumn, t, rows, kMaxRows);
  }
}

/// Runs the tile for `vectors` (1..Max) output vectors.
template <class A, int C, int Max>
LAMINA_INLINE void run_vectors(const TileArgs& t, std::size_t vectors, std::size_t rows) {
  if constexpr (Max > 1) {
    if (vectors < Max) return run_vectors<A, C, Max - 1>(t, vectors, rows);
  }
  run_group<A, Max, C>(t, rows);
}

template <class A>
LAMINA_INLINE TileArgs tile_at(const LinearArgs& a, std::size_t n) {
  return {
      a.x, a.ldx, a.y + n,    a.ldy, a.w + n / a.panel * a.panel_stride + n % a.panel, a.panel, a.panel_stride, a.b + n,
      a.k, 0,     a.epilogue, a.p};
}

/// Whole panels side by side for 1, 2 or 3 rows, whose accumulators do not fill the latency of one panel.
/// Returns the first output that is left.
template <class A, int MR, int NV>
LAMINA_INLINE std::size_t run_side_by_side(const LinearArgs& a, std::size_t n) {
  using S = TileShape<kLanes<A>>;
  constexpr std::size_t kWidth = NV * kLanes<A>;
  if constexpr (NV > S::kPanelVectors) {
    for (; n + kWidth <= a.n_end; n += kWidth) {
      TileArgs t = tile_at<A>(a, n);
      t.columns = kWidth;
      linear_tile<A, MR, NV, S::kPanelVectors>(t);
    }
  }
  return n;
}

template <class A, int C>
LAMINA_INLINE void run_panels(const LinearArgs& a, std::size_t n) {
  using S = TileShape<kLanes<A>>;
  // With chains only NV of 1 and 2 are instantiated: C * NV accumulators per row are enough.
  constexpr int kMaxVectors = C == 1 ? S::kPanelVectors : (S::kPanelVectors < 2 ? S::kPanelVectors : 2);
  constexpr std::size_t kWidth = kMaxVectors * kLanes<A>;
  while (n < a.n_end) {
    const std::size_t in_panel = a.panel - n % a.panel, left = a.n_end - n;
    std::size_t columns = left < in_panel ? left : in_panel;
    if (columns > kWidth) columns = kWidth;
    TileArgs t = tile_at<A>(a, n);
    t.columns = columns;
    run_vectors<A, C, kMaxVectors>(t, (columns + kLanes<A> - 1) / kLanes<A>, a.rows);
    n += columns;
  }
}

/// One row with enough exact zeros: whole panels over the nonzero inputs only. Returns the first output that is left.
template <class A>
LAMINA_INLINE std::size_t run_sparse(const LinearArgs& a, std::size_t n) {
  using S = TileShape<kLanes<A>>;
  if (!a.skip_zeros || a.k > kMaxSparseInputs) return n;
  // Below one zero in eight the dense tile's straight walk wins.
  if (count_nonzeros<A>(a.x, a.k) * 8 > a.k * 7) return n;
  NonZeros list;
  list_nonzeros<A>(a.x, a.k, list);
  const auto run = [&]<int NV>(Ints<NV>) __attribute__((always_inline)) {
    constexpr std::size_t kWidth = NV * kLanes<A>;
    for (; n + kWidth <= a.n_end; n += kWidth) {
      TileArgs t = tile_at<A>(a, n);
      t.columns = kWidth;
      linear_tile_sparse<A, NV, S::kPanelVectors>(t, list);
    }
  };
  run(Ints<S::kRowVectors>{});
  run(Ints<S::kPanelVectors>{});
  return n;
}

template <class A>
void linear_panel(const LinearArgs& a) noexcept {
  using S = TileShape<kLanes<A>>;
  if (a.rows == 0) return;
  if (a.chains == 4) return run_panels<A, 4>(a, a.n_begin);
  if (a.chains == 2) return run_panels<A, 2>(a, a.n_begin);
  std::size_t n = a.n_begin;
  if (a.panel == LinearTile<A>::kPanel) {
    if (a.rows == 1) n = run_side_by_side<A, 1, S::kRowVectors>(a, run_sparse<A>(a, n));
    if (a.rows == 2) n = run_side_by_side<A, 2, S::kPairVectors>(a, n);
    if (a.rows == 3) n = run_side_by_side<A, 3, S::kPairVectors>(a, n);
  }
  run_panels<A, 1>(a, n);
}

}  // namespace
}  // namespace lamina::kernel
