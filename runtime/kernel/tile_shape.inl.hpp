// Lanes, summands and rows -> how tall and wide the tiles of a Linear are, and how rows are cut into them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lamina::kernel {
namespace {

// Register budget: MR * NV accumulators, NV weights, one broadcast. AVX-512 and NEON have 32 registers, AVX2 and
// SSE 16. A lone row needs as many accumulators as the fma latency times the ports (4 x 1 zmm on Zen 4, 4 x 2
// elsewhere): it takes several panels side by side. So do two and three rows, for two streams of weights: Zen 4, us
// with one and with two panels: 479-1024-1024-512-256-1, 2 rows 107 94, 3 rows 140 130; 784-128-10, 3 rows 6.65 6.18.
//
// Between two tiles the stores of one overlap the fmas of the next as far as the CPU sees ahead, which is further with
// low tiles; tall ones read the weights less often. Measured on Zen 4, AVX-512, GFLOP/s of 6x64 and 4x64 (peak 118):
// K = 10 88 98, K = 64 112 114.5, K = 128 114.2 115.4, K = 512 115.6 116.1, K = 1024 116.2 115.7, K = 4096 108 105.
constexpr std::size_t kShortSum = 768;

template <std::size_t Lanes>
struct TileShape;
template <>
struct TileShape<16> {
  static constexpr const char *kName = "6x64", *kLowName = "4x64";
  static constexpr int kPanelVectors = 4, kRows = 6, kLowRows = 4, kRowVectors = 8, kPairVectors = 8;
  static constexpr int kNarrowRows = 12;
};
template <>
struct TileShape<8> {
  static constexpr const char *kName = "6x16", *kLowName = kName;
  static constexpr int kPanelVectors = 2, kRows = 6, kLowRows = 6, kRowVectors = 8, kPairVectors = 4, kNarrowRows = 6;
};
template <>
struct TileShape<4> {
#if defined(__aarch64__)
  static constexpr const char *kName = "6x16", *kLowName = kName;
  static constexpr int kPanelVectors = 4, kRows = 6, kLowRows = 6, kRowVectors = 8, kPairVectors = 4, kNarrowRows = 6;
#else
  static constexpr const char *kName = "4x8", *kLowName = kName;
  static constexpr int kPanelVectors = 2, kRows = 4, kLowRows = 4, kRowVectors = 4, kPairVectors = 2, kNarrowRows = 4;
#endif
};

/// Rows of a tile that is a whole panel wide, where there are rows enough.
template <std::size_t Lanes>
constexpr std::size_t best_rows(std::size_t k) {
  using S = TileShape<Lanes>;
  return static_cast<std::size_t>(k < kShortSum ? S::kLowRows : S::kRows);
}

/// Into how many tiles of nearly equal height `rows` are cut: 8 rows are 4 + 4, not 6 + 2. Tiles of `best` rows or a
/// little more where there are rows enough, and of `most` at most.
constexpr std::size_t tile_count(std::size_t rows, std::size_t best, std::size_t most) {
  const std::size_t wanted = rows / best, least = (rows + most - 1) / most;
  return wanted > least ? wanted : least;
}

/// Rows of the next of `tiles` tiles for `rows` rows: none differs from another by more than one.
constexpr std::size_t tile_height(std::size_t rows, std::size_t tiles) { return (rows + tiles - 1) / tiles; }

}  // namespace
}  // namespace lamina::kernel
