// A Program + rows + scratch -> answers, for any probe.
// SPDX-License-Identifier: Apache-2.0
//
// Included by run.cpp (no probe) and run_observed.cpp; see execute.inl.hpp for why there are two.
#pragma once

#include "run/execute.hpp"
#include "run/parallel.hpp"
#include "run/run.hpp"
#include "run/sharing.hpp"

#include <algorithm>

namespace lamina::run {
namespace {

/// What the tasks of one request have in common.
template <class Probes>
struct Shared {
  const plan::Program& program;
  const Request& request;
  std::size_t threads;
  std::size_t block_rows;               // rows that a thread's part of the scratch holds
  [[no_unique_address]] Probes probes;  // probes[thread] is that thread's
  Block block = {};                     // where the threads share one
};

template <class Probes>
Block block_at(const Shared<Probes>& s, std::size_t row, std::size_t rows, std::size_t thread) {
  float* ping = s.request.scratch + thread * 2 * s.block_rows * s.program.scratch_stride;
  const float* x = s.request.x + row * s.program.input_size;
  float* y = s.request.y + row * s.program.output_size;
  return prepare(s.program, {x, s.program.input_size, y, rows, ping, ping + s.block_rows * s.program.scratch_stride});
}

/// Rows [begin, end), block by block, through all steps.
template <class Probes>
void run_rows(const Shared<Probes>& s, std::size_t begin, std::size_t end, std::size_t thread) {
  const auto probe = s.probes[thread];
  probe.start();
  for (std::size_t row = begin; row < end; row += s.block_rows) {
    execute(s.program, block_at(s, row, std::min(s.block_rows, end - row), thread), 0, s.program.steps.size(), probe);
  }
}

/// Where part `index` of `count` nearly equal parts of [0, size) begins: at a multiple of `tile` where the parts are so
/// large that it leaves them nearly equal.
std::size_t cut(std::size_t size, std::size_t count, std::size_t index, std::size_t tile) {
  if (index == count) return size;
  const std::size_t at = size * index / count;
  return size / count < 4 * tile ? at : at / tile * tile;
}

/// Rows of the request -> one share per thread -> up to four parts, so that whoever is early can help.
template <class Probes>
struct RowWork {
  const Shared<Probes>& s;
  std::size_t thread;

  [[nodiscard]] std::size_t tile() const { return s.program.table->row_tile; }
  [[nodiscard]] std::size_t begin(std::size_t share) const { return cut(s.request.rows, s.threads, share, tile()); }
  [[nodiscard]] std::uint32_t parts(std::size_t share) const {
    const std::size_t rows = begin(share + 1) - begin(share);
    const std::size_t by_scratch = (rows + s.block_rows - 1) / s.block_rows;
    return static_cast<std::uint32_t>(
        std::max<std::size_t>(by_scratch, std::clamp<std::size_t>(rows / (2 * tile()), 1, 4)));
  }
  void operator()(std::size_t share, std::uint32_t part) const {
    const std::size_t first = begin(share), rows = begin(share + 1) - first, count = parts(share);
    run_rows(s, first + cut(rows, count, part, tile()), first + cut(rows, count, part + 1, tile()), thread);
  }
};

template <class Probes>
void share_rows(void* context, std::size_t thread) noexcept {
  const auto& s = *static_cast<const Shared<Probes>*>(context);
  work_on(s.request.sharing->shares.get(), s.threads, thread, RowWork<Probes>{s, thread});
}

/// One phase of the block that all threads share: panels of a Linear, or rows through the steps between.
template <class Probes>
struct PhaseWork {
  const Shared<Probes>& s;
  const plan::Phase& phase;
  std::size_t thread;

  [[nodiscard]] std::size_t size() const { return phase.units == 1 ? s.block.rows : phase.units; }
  [[nodiscard]] std::size_t begin(std::size_t share) const { return size() * share / s.threads; }
  [[nodiscard]] std::uint32_t parts(std::size_t share) const {
    const std::size_t count = begin(share + 1) - begin(share);
    if (phase.units == 1) return count == 0 ? 0 : 1;
    const std::size_t widest = s.program.table->row_outputs / s.program.table->panel;
    return static_cast<std::uint32_t>(count == 0 ? 0 : std::clamp<std::size_t>(count / widest, 1, 4));
  }
  void operator()(std::size_t share, std::uint32_t part) const {
    const std::size_t first = begin(share), length = begin(share + 1) - first, count = parts(share);
    s.probes[thread].start();
    if (phase.units == 1) return whole(first, length);
    panels(first + length * part / count, first + length * (part + 1) / count);
  }
  void whole(std::size_t first, std::size_t rows) const {
    Block block = s.block;
    block.first_row = first;
    block.rows = rows;
    if (phase.row_epilogue) execute_row_epilogue(s.program, block, phase.first - 1, s.probes[thread]);
    execute(s.program, block, phase.first, phase.last, s.probes[thread]);
  }
  void panels(std::size_t first, std::size_t last) const {
    const std::size_t panel = s.program.table->panel;
    const std::size_t n = std::get_if<plan::LinearStep>(&s.program.steps[phase.first].operation)->packed.n;
    execute_outputs(s.program, s.block, phase.first, first * panel, std::min(n, last * panel), s.probes[thread]);
  }
};

template <class Probes>
void share_outputs(void* context, std::size_t thread) noexcept {
  const auto& s = *static_cast<const Shared<Probes>*>(context);
  Share* shares = s.request.sharing->shares.get();
  for (const plan::Phase& phase : s.program.phases) {
    const PhaseWork<Probes> work{s, phase, thread};
    work_on(shares, s.threads, thread, work);
    wait_for(shares, s.threads, work);
    shares += s.threads;
  }
}

template <class Probes>
void run_shared(Shared<Probes>& shared, Side side) noexcept {
  reset(shared.request.sharing->shares.get(), share_count(shared.program));
  if (side == Side::rows) return parallel_for(shared.threads, share_rows<Probes>, &shared);
  shared.block = block_at(shared, 0, shared.request.rows, 0);
  parallel_for(shared.threads, share_outputs<Probes>, &shared);
}

std::size_t block_rows_of(const plan::Program& program, const Request& request) noexcept {
  const std::size_t limit = request.max_rows != 0 ? request.max_rows : program.row_block;
  return program.batch_coupled ? request.rows : std::min(program.row_block, limit);
}

/// Returns how many threads shared the work.
template <class Probes>
std::size_t run_observed(const plan::Program& program, const Request& request, Probes probes) noexcept {
  Shared<Probes> shared{program, request, 1, block_rows_of(program, request), probes};
  if (program.threads == 1 || estimate_alone(program, request.rows) < kLeastWorth) {
    run_rows(shared, 0, request.rows, 0);
    return 1;
  }
  using Clock = std::chrono::steady_clock;
  // oneTBB's workers go to sleep after about 200 us without work.
  constexpr std::chrono::microseconds kAwake{100};
  const Sharing sharing = choose_sharing(program, request.rows, Clock::now() - request.sharing->last_run < kAwake);
  shared.threads = sharing.threads;
  if (sharing.threads == 1) {
    run_rows(shared, 0, request.rows, 0);
  } else {
    run_shared(shared, sharing.side);
  }
  request.sharing->last_run = Clock::now();
  return sharing.threads;
}

}  // namespace
}  // namespace lamina::run
