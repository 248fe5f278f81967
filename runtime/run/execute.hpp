// A Program, a block of input rows and scratch -> the block of output rows, or a part of that work, in this thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"
#include "run/probe.hpp"

#include <cstddef>

namespace lamina::run {

/// One caller's rows and scratch buffers (each of `rows` rows of program.scratch_stride floats).
struct Block {
  const float* x;
  std::size_t ldx;
  float* y;
  std::size_t rows;
  float* ping;
  float* pong;
  std::size_t first_row = 0;  // only rows [first_row, first_row + rows) of these buffers
};

/// Copies x to scratch where it is y and the program says so (see Program::copy_if_aliased). To be called once, before
/// the rest.
[[nodiscard]] Block prepare(const plan::Program& program, const Block& block) noexcept;

// Each is compiled for the probes of probe.hpp.

/// Steps [first, last) over the prepared block. No allocation, no lock, no throw.
template <class Probe>
void execute(const plan::Program& program, const Block& block, std::size_t first, std::size_t last,
             Probe probe) noexcept;

/// Outputs [n_begin, n_end) of a Linear step that Program::phases shares out, without its row epilogue. Several threads
/// may do so at once, each with outputs of its own.
template <class Probe>
void execute_outputs(const plan::Program& program, const Block& block, std::size_t step, std::size_t n_begin,
                     std::size_t n_end, Probe probe) noexcept;

/// The row epilogue that execute_outputs leaves out; nothing where the step has none.
template <class Probe>
void execute_row_epilogue(const plan::Program& program, const Block& block, std::size_t step, Probe probe) noexcept;

}  // namespace lamina::run
