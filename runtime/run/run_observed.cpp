// A Program + rows + scratch -> answers, and what an observer saw on the way.
// SPDX-License-Identifier: Apache-2.0
#include "run/run.inl.hpp"

namespace lamina::run {
namespace {

struct TimeProbes {
  ThreadSums* sums;
  TimeProbe operator[](std::size_t thread) const noexcept { return {sums + thread}; }
};
struct ZeroProbes {
  ZeroSum* sums;
  ZeroProbe operator[](std::size_t) const noexcept { return {sums}; }
};

}  // namespace

std::size_t run_timed(const plan::Program& program, const Request& request, ThreadSums* sums) noexcept {
  return request.rows == 0 ? 1 : run_observed(program, request, TimeProbes{sums});
}

void run_counting_zeros(const plan::Program& program, const Request& request, ZeroSum* sums) noexcept {
  run_alone(Shared<ZeroProbes>{program, request, 1, block_rows_of(program, request), {sums}});
}

}  // namespace lamina::run
