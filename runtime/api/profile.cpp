// The public Profiler: the threads' sums of one run -> its steps; and the zeros that each step reads.
// SPDX-License-Identifier: Apache-2.0
#include "api/profiler.hpp"
#include "base/aligned.hpp"
#include "base/fail.hpp"
#include "run/run.hpp"

#include <string>
#include <utility>

namespace lamina {

void Profiler::Record::clear() noexcept {
  for (std::size_t t = 0; t < static_cast<std::size_t>(program->threads); ++t) {
    for (std::size_t i = 0; i < times.steps.size(); ++i) sums[t].steps[i] = {};
  }
}

void Profiler::Record::collect(std::uint64_t nanoseconds, std::size_t threads) noexcept {
  times.nanoseconds = nanoseconds;
  times.threads = static_cast<int>(threads);
  for (std::size_t i = 0; i < times.steps.size(); ++i) {
    StepTime step;
    for (std::size_t t = 0; t < static_cast<std::size_t>(program->threads); ++t) {
      step.nanoseconds += sums[t].steps[i].nanoseconds;
      if (sums[t].steps[i].parts != 0) ++step.threads;
    }
    step.nanoseconds /= threads;
    times.steps[i] = step;
  }
}

Profiler::Profiler(const Plan& plan) : record_(std::make_unique<Record>()) {
  record_->program = plan.program_;
  const std::size_t steps = plan.program().steps.size(), threads = static_cast<std::size_t>(plan.threads());
  record_->times.steps.resize(steps);
  record_->sums = std::make_unique<run::ThreadSums[]>(threads);
  for (std::size_t t = 0; t < threads; ++t) record_->sums[t].steps = std::make_unique<run::StepSum[]>(steps);
}

Profiler::Profiler(Profiler&&) noexcept = default;
Profiler& Profiler::operator=(Profiler&&) noexcept = default;
Profiler::~Profiler() = default;

const RunTimes& Profiler::times() const noexcept { return record_->times; }

std::vector<StepZeros> count_zeros(const Plan& plan, std::span<const float> x) {
  const plan::Program& program = plan.program();
  if (x.size() % program.input_size != 0) {
    base::fail(Errc::shape_mismatch, "count_zeros", "x",
               "a multiple of " + std::to_string(program.input_size) + " floats", std::to_string(x.size()));
  }
  const std::size_t rows = x.size() / program.input_size, max_rows = program.batch_coupled ? rows : 0;
  std::vector<StepZeros> result(program.steps.size());
  if (rows == 0) return result;
  std::vector<float> y(rows * program.output_size);
  base::AlignedFloats scratch(plan::scratch_floats(program, max_rows));
  std::vector<run::ZeroSum> sums(result.size());
  run::run_counting_zeros(program, {x.data(), y.data(), rows, scratch.data(), max_rows}, sums.data());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = {sums[i].zeros, sums[i].inputs};
  return result;
}

}  // namespace lamina
