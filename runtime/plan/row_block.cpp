// Widest row and size of the weights -> rows per block, and the scratch that they need.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "plan/lower.hpp"

#include <algorithm>

namespace lamina::plan {

std::size_t choose_row_block(std::size_t widest_row, std::size_t weight_bytes, std::size_t row_tile) noexcept {
  // Both buffers in 256 KiB: a quarter of a 1 MiB L2, the rest is for the panels that pass by. Weights
  // beyond 16 MiB come from memory for every block: then the block is large enough that their bytes are used
  // 96 times at least, and its rows may live in L3.
  constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
  constexpr std::size_t kBeyondL3 = std::size_t{16} << 20;
  const std::size_t row_bytes = std::max<std::size_t>(1, 2 * widest_row * sizeof(float));
  const std::size_t least = weight_bytes > kBeyondL3 ? 96 : 2 * row_tile;
  const std::size_t rows = std::clamp(kBufferBytes / row_bytes, least, std::max<std::size_t>(least, 96));
  return std::max(row_tile, rows / row_tile * row_tile);
}

std::size_t scratch_row_stride(std::size_t size, bool dense) noexcept {
  if (dense) return size;
  // Rows at a distance of 1, 2, ... KiB would share cache sets: 16 floats more where they would.
  const std::size_t padded = (size + 15) / 16 * 16;
  return padded % 256 == 0 ? padded + 16 : padded;
}

std::size_t scratch_floats(const Program& program, std::size_t max_rows) {
  std::size_t rows = program.row_block;
  if (program.batch_coupled) {
    rows = max_rows;
  } else if (max_rows != 0) {
    rows = std::min(rows, max_rows);
  }
  const base::CheckedU64 floats = base::CheckedU64(static_cast<std::uint64_t>(program.threads)) *
                                  base::CheckedU64(rows) * base::CheckedU64(2) *
                                  base::CheckedU64(program.scratch_stride);
  return static_cast<std::size_t>(floats.value());
}

}  // namespace lamina::plan
