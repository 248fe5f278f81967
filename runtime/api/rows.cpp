// Spans that a caller gives -> a number of rows, or the error that says what does not fit.
// SPDX-License-Identifier: Apache-2.0
#include "api/rows.hpp"

#include "base/fail.hpp"

#include <cstdint>
#include <string>

namespace lamina::api {
namespace {

/// Equal is allowed (where the sizes agree), partly overlapping is not.
void check_overlap(std::span<const float> x, std::span<float> y, bool equal_sizes) {
  const auto x0 = reinterpret_cast<std::uintptr_t>(x.data()), y0 = reinterpret_cast<std::uintptr_t>(y.data());
  const std::uintptr_t x1 = x0 + x.size_bytes(), y1 = y0 + y.size_bytes();
  if (x0 >= y1 || y0 >= x1 || (x0 == y0 && equal_sizes)) return;
  base::fail(Errc::invalid_argument, "run",
             "x and y overlap: they must be apart, or the same memory where a row has as many outputs as inputs");
}

}  // namespace

std::size_t checked_rows(const plan::Program& program, std::span<const float> x, std::span<float> y) {
  // One row is the common case, and a division costs what the rest of this does.
  const std::size_t rows = x.size() == program.input_size ? 1 : x.size() / program.input_size;
  if (rows * program.input_size != x.size()) {
    base::fail(Errc::shape_mismatch, "run", "x", "a multiple of " + std::to_string(program.input_size) + " floats",
               std::to_string(x.size()));
  }
  if (y.size() != rows * program.output_size) {
    base::fail(Errc::shape_mismatch, "run", "y",
               std::to_string(rows * program.output_size) + " floats for " + std::to_string(rows) + " rows",
               std::to_string(y.size()));
  }
  check_overlap(x, y, program.input_size == program.output_size);
  return rows;
}

}  // namespace lamina::api
