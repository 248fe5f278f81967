// A Program + rows + scratch -> answers: cuts the rows into blocks and decides how many threads share them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"

#include <cstddef>

namespace lamina::run {

/// `scratch` holds scratch_floats(program, max_rows) floats, 64-byte aligned. rows <= max_rows unless that is 0.
struct Request {
  const float* x;
  float* y;
  std::size_t rows;
  float* scratch;
  std::size_t max_rows;
};

void run(const plan::Program& program, const Request& request) noexcept;

/// How many threads are worth waking for `rows` rows: 1 below the cost of a fork-join. A pure function.
[[nodiscard]] std::size_t worthwhile_threads(const plan::Program& program, std::size_t rows) noexcept;

}  // namespace lamina::run
