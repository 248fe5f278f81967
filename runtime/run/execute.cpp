// The interpreter without an observer, and what it needs once per block.
// SPDX-License-Identifier: Apache-2.0
#include "run/execute.inl.hpp"

namespace lamina::run {

Block prepare(const plan::Program& program, const Block& block) noexcept {
  if (!program.copy_if_aliased || block.x != block.y) return block;
  Block copied = block;
  copied.x = block.ping;
  copied.ldx = plan::scratch_row_stride(program.input_size, program.dense_rows);
  copy_rows({block.x, block.ldx, block.ping, copied.ldx, block.rows, program.input_size, program.input_size});
  return copied;
}

template void execute(const plan::Program&, const Block&, std::size_t, std::size_t, NoProbe) noexcept;
template void execute_outputs(const plan::Program&, const Block&, std::size_t, std::size_t, std::size_t,
                              NoProbe) noexcept;
template void execute_row_epilogue(const plan::Program&, const Block&, std::size_t, NoProbe) noexcept;

}  // namespace lamina::run
