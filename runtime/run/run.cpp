// A Program + rows + scratch -> answers.
// SPDX-License-Identifier: Apache-2.0
#include "run/run.inl.hpp"

namespace lamina::run {
namespace {

struct NoProbes {
  NoProbe operator[](std::size_t) const noexcept { return {}; }
};

}  // namespace

std::size_t share_count(const plan::Program& program) noexcept {
  if (program.threads == 1) return 0;
  return static_cast<std::size_t>(program.threads) * std::max<std::size_t>(1, program.phases.size());
}

Outcome run(const plan::Program& program, const Request& request) noexcept {
  if (request.rows != 0) run_observed(program, request, NoProbes{});
  return request.halt == nullptr ? Outcome::done : request.halt->outcome();
}

}  // namespace lamina::run
