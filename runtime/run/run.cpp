// A Program + rows + scratch -> answers.
// SPDX-License-Identifier: Apache-2.0
#include "run/run.hpp"

#include "run/execute.hpp"
#include "run/parallel.hpp"

#include <algorithm>

namespace lamina::run {
namespace {

/// The rows of one task, block by block, with its own part of the scratch.
void run_range(const plan::Program& program, const Request& request, std::size_t begin, std::size_t end, float* scratch,
               std::size_t block_rows) noexcept {
  for (std::size_t row = begin; row < end; row += block_rows) {
    const std::size_t rows = std::min(block_rows, end - row);
    execute(program, {request.x + row * program.input_size, request.y + row * program.output_size, rows, scratch,
                      scratch + block_rows * program.scratch_stride});
  }
}

struct Shared {
  const plan::Program& program;
  const Request& request;
  std::size_t tasks;
  std::size_t block_rows;
};

/// Contiguous ranges of whole row tiles, so that only the last task has a short tile.
void run_task(void* context, std::size_t index) noexcept {
  const Shared& s = *static_cast<const Shared*>(context);
  const std::size_t tile = s.program.table->row_tile;
  const std::size_t tiles = (s.request.rows + tile - 1) / tile;
  const std::size_t begin = std::min(s.request.rows, tiles * index / s.tasks * tile);
  const std::size_t end = std::min(s.request.rows, tiles * (index + 1) / s.tasks * tile);
  float* scratch = s.request.scratch + index * 2 * s.block_rows * s.program.scratch_stride;
  run_range(s.program, s.request, begin, end, scratch, s.block_rows);
}

}  // namespace

std::size_t worthwhile_threads(const plan::Program& program, std::size_t rows) noexcept {
  if (program.threads == 1 || program.batch_coupled) return 1;
  // A fork-join costs up to 16 us when the worker sleeps, 1.2 to 1.6 us when it is awake. At some 50 GFLOP/s a
  // thread does 1 MFLOP in 20 us: less than that per thread is not worth a wake-up.
  constexpr std::uint64_t kFlopsPerThread = 1'000'000;
  const std::uint64_t flops = std::max<std::uint64_t>(program.flops_per_row, 1);
  const std::uint64_t by_work = flops > kFlopsPerThread ? rows : rows * flops / kFlopsPerThread;
  const std::size_t tile = program.table->row_tile;
  const std::size_t by_rows = (rows + tile - 1) / tile;
  const std::size_t most = std::min<std::size_t>(static_cast<std::size_t>(program.threads), by_rows);
  return std::max<std::size_t>(1, std::min<std::size_t>(most, static_cast<std::size_t>(by_work)));
}

void run(const plan::Program& program, const Request& request) noexcept {
  if (request.rows == 0) return;
  const std::size_t limit = request.max_rows != 0 ? request.max_rows : program.row_block;
  const std::size_t block_rows = program.batch_coupled ? request.rows : std::min(program.row_block, limit);
  const std::size_t tasks = worthwhile_threads(program, request.rows);
  if (tasks == 1) {
    run_range(program, request, 0, request.rows, request.scratch, block_rows);
    return;
  }
  Shared shared{program, request, tasks, block_rows};
  parallel_for(tasks, run_task, &shared);
}

}  // namespace lamina::run
