// A Program + rows + scratch -> answers, for any probe.
// SPDX-License-Identifier: Apache-2.0
//
// Included by run.cpp (no probe) and run_observed.cpp; see execute.inl.hpp for why there are two.
#pragma once

#include "run/execute.hpp"
#include "run/float_mode.hpp"
#include "run/parallel.hpp"
#include "run/run.hpp"
#include "run/sharing.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

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

  [[nodiscard]] bool halted() const noexcept { return request.halt != nullptr && request.halt->asked(); }
};

template <class Probes>
Block block_at(const Shared<Probes>& s, std::size_t row, std::size_t rows, std::size_t thread) {
  float* ping = s.request.scratch + thread * 2 * s.block_rows * s.program.scratch_stride;
  const float* x = s.request.x + row * s.program.input_size;
  float* y = s.request.y + row * s.program.output_size;
  return prepare(s.program, {x, s.program.input_size, y, rows, ping, ping + s.block_rows * s.program.scratch_stride});
}

/// Below this the steps of a block are not told apart: together they take some 5 us, and a clock costs 20 ns each time.
constexpr std::uint64_t kBriefFlops = 500000;

/// Steps [first, last), or as many as there is time for.
template <class Probes>
void execute_until_halted(const Shared<Probes>& s, const Block& block, std::size_t first, std::size_t last,
                          std::size_t thread) {
  const auto probe = s.probes[thread];
  if (s.request.halt == nullptr || block.rows * s.program.flops_per_row < kBriefFlops) {
    return execute(s.program, block, first, last, probe);
  }
  for (std::size_t i = first; i < last && !s.halted(); ++i) execute(s.program, block, i, i + 1, probe);
}

/// Rows [begin, end), block by block, through all steps.
template <class Probes>
void run_rows(const Shared<Probes>& s, std::size_t begin, std::size_t end, std::size_t thread) {
  s.probes[thread].start();
  for (std::size_t row = begin; row < end && !s.halted(); row += s.block_rows) {
    const Block block = block_at(s, row, std::min(s.block_rows, end - row), thread);
    execute_until_halted(s, block, 0, s.program.steps.size(), thread);
  }
}

template <class Probes>
void run_alone(const Shared<Probes>& s) {
  const FloatMode mode(s.program.flush_denormals);
  run_rows(s, 0, s.request.rows, 0);
}

/// Where part `index` of `count` equal parts of [0, size) begins. Not rounded to tiles: kernels cut any number of rows
/// into tiles of nearly equal height, and with 30 and 34 of 64 rows one thread waits for the other.
constexpr std::size_t cut(std::size_t size, std::size_t count, std::size_t index) { return size * index / count; }

/// Rows of the request -> one share per thread -> up to four parts, so that whoever is early can help.
template <class Probes>
struct RowWork {
  const Shared<Probes>& s;
  std::size_t thread;

  [[nodiscard]] std::size_t begin(std::size_t share) const { return cut(s.request.rows, s.threads, share); }
  [[nodiscard]] std::uint32_t parts(std::size_t share) const {
    const std::size_t rows = begin(share + 1) - begin(share);
    const std::size_t by_scratch = (rows + s.block_rows - 1) / s.block_rows;
    return static_cast<std::uint32_t>(
        std::max<std::size_t>(by_scratch, std::clamp<std::size_t>(rows / (2 * s.program.table->row_tile), 1, 4)));
  }
  void operator()(std::size_t share, std::uint32_t part) const {
    const std::size_t first = begin(share), rows = begin(share + 1) - first, count = parts(share);
    run_rows(s, first + cut(rows, count, part), first + cut(rows, count, part + 1), thread);
  }
};

template <class Probes>
void share_rows(void* context, std::size_t thread) noexcept {
  const auto& s = *static_cast<const Shared<Probes>*>(context);
  s.request.sharing->company.arrive();
  const FloatMode mode(s.program.flush_denormals);
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
    execute_until_halted(s, block, phase.first, phase.last, thread);
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
  s.request.sharing->company.arrive();
  const FloatMode mode(s.program.flush_denormals);
  Share* shares = s.request.sharing->shares.get();
  for (const plan::Phase& phase : s.program.phases) {
    if (s.halted()) return;  // nobody waits here: others would do this thread's part, but they leave as well
    const PhaseWork<Probes> work{s, phase, thread};
    work_on(shares, s.threads, thread, work);
    wait_for(shares, s.threads, work);
    shares += s.threads;
  }
}

/// What a host's threads call. A std::function over a reference to it takes no memory.
struct HostTask {
  TaskFn fn;
  void* context;
  std::size_t count;
  void operator()(std::size_t index) const {
    if (index < count) fn(context, index);
  }
};

/// On the host's threads where it has given some. The last call does what they have left, which costs a look at each
/// share where that is nothing.
template <class Probes>
void fork_join(const Shared<Probes>& s, TaskFn fn, void* context) noexcept {
  if (!s.program.parallel_for) {
    const FloatMode mode(s.program.flush_denormals);  // oneTBB raises flags itself
    return parallel_for(s.threads, fn, context);
  }
  const HostTask task{fn, context, s.threads};
  try {
    s.program.parallel_for(s.threads, std::cref(task));
  } catch (...) {
    // No threads today: see ParallelFor.
  }
  fn(context, 0);
}

template <class Probes>
void run_shared(Shared<Probes>& shared, Side side) noexcept {
  reset(shared.request.sharing->shares.get(), share_count(shared.program));
  if (side == Side::rows) return fork_join(shared, share_rows<Probes>, &shared);
  shared.block = block_at(shared, 0, shared.request.rows, 0);
  fork_join(shared, share_outputs<Probes>, &shared);
}

// The cost model computes as well, and would leave flags behind in the caller's floating-point mode.

inline bool worth_sharing(const plan::Program& program, std::size_t rows) noexcept {
  if (program.threads == 1) return false;
  const FloatMode mode(false);
  return estimate_alone(program, rows) >= kLeastWorth;
}

inline Sharing decide(const plan::Program& program, std::size_t rows, bool asleep) noexcept {
  const FloatMode mode(false);
  return choose_sharing(program, rows, !asleep);
}

inline std::size_t block_rows_of(const plan::Program& program, const Request& request) noexcept {
  const std::size_t limit = request.max_rows != 0 ? request.max_rows : program.row_block;
  return program.batch_coupled ? request.rows : std::min(program.row_block, limit);
}

/// Returns how many threads shared the work.
template <class Probes>
std::size_t run_observed(const plan::Program& program, const Request& request, Probes probes) noexcept {
  Shared<Probes> shared{program, request, 1, block_rows_of(program, request), probes};
  if (!worth_sharing(program, request.rows)) {
    run_alone(shared);
    return 1;
  }
  using Clock = std::chrono::steady_clock;
  // oneTBB's workers go to sleep after about 200 us without work.
  constexpr std::chrono::microseconds kAwake{100};
  const bool asleep = Clock::now() - request.sharing->last_run >= kAwake;
  const Sharing sharing = decide(program, request.rows, asleep);
  shared.threads = sharing.threads;
  if (sharing.threads == 1) {
    run_alone(shared);
  } else {
    if (!program.parallel_for) request.sharing->company.call(asleep);
    run_shared(shared, sharing.side);
  }
  request.sharing->last_run = Clock::now();
  return sharing.threads;
}

}  // namespace
}  // namespace lamina::run
