// A Program, a block of input rows and scratch -> the block of output rows, in this thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"

#include <cstddef>

namespace lamina::run {

/// One caller's rows and scratch buffers (each of `rows` rows of program.scratch_stride floats).
struct Block {
  const float* x;
  float* y;
  std::size_t rows;
  float* ping;
  float* pong;
};

/// Runs every step over the block. No allocation, no lock, no throw. x may equal y (see Program::copy_if_aliased).
void execute(const plan::Program& program, const Block& block) noexcept;

}  // namespace lamina::run
