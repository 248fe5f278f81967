// MR rows x NV vectors of a packed Linear -> accumulators in registers -> epilogue -> y.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/activation.inl.hpp"
#include "kernel/kernels.hpp"
#include "kernel/vec.inl.hpp"

namespace lamina::kernel {
namespace {

/// Where one tile reads and writes.
struct TileArgs {
  const float* x;
  std::size_t ldx;
  float* y;
  std::size_t ldy;
  const float* w;            // first vector of the tile at k = 0
  std::size_t ldw;           // floats from k to k + 1 (the panel's width)
  std::size_t panel_stride;  // floats to the same k of the next panel
  const float* b;
  std::size_t k;
  std::size_t columns;  // outputs to store: at most NV vectors, the last may be partial
  Unary epilogue;
  const float* p;
};

template <class A>
struct UnaryFunctions {
  UnaryFn fn[kUnaryCount];
};
template <class A>
constexpr UnaryFunctions<A> make_unary_functions() {
  UnaryFunctions<A> f{};
  fill_unary<A>(f.fn);
  return f;
}
template <class A>
inline constexpr UnaryFunctions<A> kUnaryFunctions = make_unary_functions<A>();

// Epilogues of a few operations stay in registers; the others go over the block that was just stored,
// which is still in L1: a polynomial of ten constants would push accumulators out of the registers.
constexpr bool in_registers(Unary epilogue) {
  return epilogue == Unary::identity || epilogue == Unary::relu || epilogue == Unary::clamp ||
         epilogue == Unary::leaky_relu;
}

template <class A, int MR, int NV>
LAMINA_INLINE void finish_tile(Vec<A> (&acc)[MR][NV], const TileArgs& t) {
  const Vec<A> zero = set<A>(0.0f);
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) acc[m][v] = acc[m][v] + zero;  // -0 becomes +0: see design of zero skipping
  }
  if (t.epilogue == Unary::relu) {
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) acc[m][v] = relu_v<A>(acc[m][v]);
    }
  } else if (t.epilogue == Unary::clamp) {
    const Vec<A> low = set<A>(t.p[0]), high = set<A>(t.p[1]);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) acc[m][v] = clamp_v<A>(acc[m][v], low, high);
    }
  } else if (t.epilogue == Unary::leaky_relu) {
    const Vec<A> slope = set<A>(t.p[0]);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) acc[m][v] = leaky_relu_v<A>(acc[m][v], slope);
    }
  }
  constexpr std::size_t kWidth = NV * kLanes<A>;
  if (t.columns == kWidth) {
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) store<A>(t.y + static_cast<std::size_t>(m) * t.ldy + v * kLanes<A>, acc[m][v]);
    }
  } else {
    // NV is the least number of vectors that hold the columns: only the last one is partial.
    const std::size_t last = t.columns - (NV - 1) * kLanes<A>;
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      float* row = t.y + static_cast<std::size_t>(m) * t.ldy;
#pragma GCC unroll 8
      for (int v = 0; v + 1 < NV; ++v) store<A>(row + v * kLanes<A>, acc[m][v]);
      if (last == kLanes<A>) {
        store<A>(row + (NV - 1) * kLanes<A>, acc[m][NV - 1]);
      } else {
        store_part<A>(row + (NV - 1) * kLanes<A>, acc[m][NV - 1], last);
      }
    }
  }
  if (!in_registers(t.epilogue)) {
    const UnaryFn f = kUnaryFunctions<A>.fn[static_cast<std::size_t>(t.epilogue)];
    for (int m = 0; m < MR; ++m) {
      float* row = t.y + static_cast<std::size_t>(m) * t.ldy;
      f(row, row, t.columns, t.p);
    }
  }
}

/// One step of every accumulator: PV vectors per panel, NV / PV panels side by side.
template <class A, int MR, int NV, int PV>
LAMINA_INLINE void fma_step(Vec<A> (&acc)[MR][NV], const float* x, std::size_t ldx, const float* w,
                            std::size_t panel_stride) {
  if constexpr (MR > NV) {
    Vec<A> b[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v)
      b[v] = load<A>(w + static_cast<std::size_t>(v / PV) * panel_stride + (v % PV) * kLanes<A>);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      const Vec<A> a = set<A>(x[static_cast<std::size_t>(m) * ldx]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) acc[m][v] = fma<A>(a, b[v], acc[m][v]);
    }
  } else {
    Vec<A> a[MR];
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) a[m] = set<A>(x[static_cast<std::size_t>(m) * ldx]);
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      const Vec<A> b = load<A>(w + static_cast<std::size_t>(v / PV) * panel_stride + (v % PV) * kLanes<A>);
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) acc[m][v] = fma<A>(a[m], b, acc[m][v]);
    }
  }
}

/// One chain per output, seeded with the bias, k ascending.
template <class A, int MR, int NV, int PV>
void linear_tile(const TileArgs& t) noexcept {
  Vec<A> acc[MR][NV];
#pragma GCC unroll 8
  for (int v = 0; v < NV; ++v) {
    const Vec<A> b = load<A>(t.b + v * kLanes<A>);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) acc[m][v] = b;
  }
  const float* x = t.x;
  const float* w = t.w;
  const std::size_t ldx = t.ldx, ldw = t.ldw, panel_stride = t.panel_stride;
  std::size_t k = t.k;
  for (; k >= 2; k -= 2) {
    fma_step<A, MR, NV, PV>(acc, x, ldx, w, panel_stride);
    fma_step<A, MR, NV, PV>(acc, x + 1, ldx, w + ldw, panel_stride);
    x += 2;
    w += 2 * ldw;
  }
  if (k != 0) fma_step<A, MR, NV, PV>(acc, x, ldx, w, panel_stride);
  finish_tile<A, MR, NV>(acc, t);
}

/// C interleaved chains per output, for layers too narrow to fill the fma latency otherwise. Chain 0 starts from the
/// bias, the others from zero; they are added pairwise.
template <class A, int MR, int NV, int C>
void linear_tile_chains(const TileArgs& t) noexcept {
  Vec<A> acc[C][MR][NV];
#pragma GCC unroll 8
  for (int v = 0; v < NV; ++v) {
    const Vec<A> b = load<A>(t.b + v * kLanes<A>);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      acc[0][m][v] = b;
#pragma GCC unroll 4
      for (int c = 1; c < C; ++c) acc[c][m][v] = set<A>(0.0f);
    }
  }
  const float* x = t.x;
  const float* w = t.w;
  const std::size_t ldx = t.ldx, ldw = t.ldw;
  std::size_t k = t.k;
  for (; k >= C; k -= C) {
    fma_step<A, MR, NV, NV>(acc[0], x, ldx, w, 0);
    fma_step<A, MR, NV, NV>(acc[1], x + 1, ldx, w + ldw, 0);
    if constexpr (C == 4) {
      fma_step<A, MR, NV, NV>(acc[2], x + 2, ldx, w + 2 * ldw, 0);
      fma_step<A, MR, NV, NV>(acc[3], x + 3, ldx, w + 3 * ldw, 0);
    }
    x += C;
    w += C * ldw;
  }
  if (k > 0) fma_step<A, MR, NV, NV>(acc[0], x, ldx, w, 0);
  if constexpr (C == 4) {
    if (k > 1) fma_step<A, MR, NV, NV>(acc[1], x + 1, ldx, w + ldw, 0);
    if (k > 2) fma_step<A, MR, NV, NV>(acc[2], x + 2, ldx, w + 2 * ldw, 0);
  }
  // Written out: GCC 12 keeps the accumulators in memory when this is a loop nest over c.
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      if constexpr (C == 2) acc[0][m][v] = acc[0][m][v] + acc[1][m][v];
      if constexpr (C == 4) acc[0][m][v] = (acc[0][m][v] + acc[1][m][v]) + (acc[2][m][v] + acc[3][m][v]);
    }
  }
  finish_tile<A, MR, NV>(acc[0], t);
}

}  // namespace
}  // namespace lamina::kernel
