// A Program + rows + scratch -> answers: in this thread, or shared out over several by rows or by outputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"
#include "run/halt.hpp"
#include "run/probe.hpp"
#include "run/shares.hpp"

#include <cstddef>

namespace lamina::run {

/// `scratch` holds scratch_floats(program, max_rows) floats, 64-byte aligned. rows <= max_rows unless that is 0.
/// `sharing` may be null where the program has one thread; else it holds share_count(program) shares.
struct Request {
  const float* x;
  float* y;
  std::size_t rows;
  float* scratch;
  std::size_t max_rows;
  SharingState* sharing = nullptr;
  Halt* halt = nullptr;  // null: runs to its end
};

/// What `program` needs to share out a request; 0 for one thread.
[[nodiscard]] std::size_t share_count(const plan::Program& program) noexcept;

/// After any other outcome than done, parts of y have been written, or none.
Outcome run(const plan::Program& program, const Request& request) noexcept;

/// The same, adding to `sums`, of which each thread of the program has its own. Returns how many threads shared the
/// work.
std::size_t run_timed(const plan::Program& program, const Request& request, ThreadSums* sums) noexcept;

/// The same in this thread, adding to `sums`, one per step.
void run_counting_zeros(const plan::Program& program, const Request& request, ZeroSum* sums) noexcept;

}  // namespace lamina::run
