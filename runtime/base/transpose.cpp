// A matrix -> its transpose, block by block: both sides stay within the first cache.
// SPDX-License-Identifier: Apache-2.0
#include "base/transpose.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <cstddef>

namespace lamina::base {
namespace {

constexpr std::size_t kBlock = 32;  // 32 x 32 floats are 4 KiB, read and written

}  // namespace

Tensor transposed(const Tensor& matrix) {
  if (matrix.rank() != 2) fail(Errc::shape_mismatch, "transpose", "shape", "a matrix", to_string(matrix.shape()));
  Tensor result = Tensor::uninitialized({matrix.shape()[1], matrix.shape()[0]});
  const auto rows = static_cast<std::size_t>(matrix.shape()[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape()[1]);
  const float* from = matrix.data();
  float* to = result.mutable_values().data();
  for (std::size_t row = 0; row < rows; row += kBlock) {
    const std::size_t rows_end = std::min(rows, row + kBlock);
    for (std::size_t column = 0; column < columns; column += kBlock) {
      const std::size_t columns_end = std::min(columns, column + kBlock);
      for (std::size_t c = column; c < columns_end; ++c) {
        for (std::size_t r = row; r < rows_end; ++r) to[c * rows + r] = from[r * columns + c];
      }
    }
  }
  return result;
}

}  // namespace lamina::base
