// The public Plan and Workspace: argument checks, then run/.
// SPDX-License-Identifier: Apache-2.0
#include "api/profiler.hpp"
#include "base/aligned.hpp"
#include "base/fail.hpp"
#include "plan/program.hpp"
#include "run/parallel.hpp"
#include "run/run.hpp"

#include <lamina/plan.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace lamina {

/// Workspace::bytes() beyond the scratch itself: the alignment of the block to whole cache lines.
constexpr std::size_t kWorkspaceConstant = base::kCacheLine;

static std::size_t sharing_bytes(const plan::Program& program) {
  return run::share_count(program) * sizeof(run::Share);
}

struct Workspace::Block {
  std::shared_ptr<const plan::Program> program;  // whose scratch it is
  std::size_t max_rows = 0;                      // 0: any number
  base::AlignedFloats scratch;
  run::SharingState sharing;
};

Workspace::Workspace(std::unique_ptr<Block> block) noexcept : block_(std::move(block)) {}
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;
Workspace::~Workspace() = default;

std::size_t Workspace::bytes() const noexcept {
  return block_ ? block_->scratch.bytes() + sharing_bytes(*block_->program) + kWorkspaceConstant : 0;
}

Plan::Plan(std::shared_ptr<const plan::Program> program) noexcept : program_(std::move(program)) {}
Plan::Plan(const Plan&) = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(const Plan&) = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

std::size_t Plan::input_size() const noexcept { return program_->input_size; }
std::size_t Plan::output_size() const noexcept { return program_->output_size; }
const Shape& Plan::input_shape() const noexcept { return program_->input_shape; }
const Shape& Plan::output_shape() const noexcept { return program_->output_shape; }
bool Plan::batch_coupled() const noexcept { return program_->batch_coupled; }
int Plan::threads() const noexcept { return program_->threads; }
Isa Plan::isa() const noexcept { return static_cast<Isa>(program_->table->isa); }
std::size_t Plan::weight_bytes() const noexcept { return program_->weight_bytes; }
std::size_t Plan::row_block() const noexcept { return program_->row_block; }

std::vector<StepInfo> Plan::steps() const {
  std::vector<StepInfo> infos;
  for (const plan::Step& step : program_->steps) {
    const auto* linear = std::get_if<plan::LinearStep>(&step.operation);
    infos.push_back({step.layers, step.description, step.kernel, step.in_place, linear != nullptr && linear->skip_zeros,
                     step.flops_per_row, step.weight_bytes});
  }
  return infos;
}

std::size_t Plan::workspace_bytes(std::size_t max_rows) const {
  return plan::scratch_floats(*program_, max_rows) * sizeof(float) + sharing_bytes(*program_) + kWorkspaceConstant;
}

Workspace Plan::workspace() const {
  if (program_->batch_coupled && program_->scratch_stride != 0) {
    base::fail(
        Errc::invalid_argument,
        "workspace: this plan works over the batch dimension, so its scratch depends on the rows: give max_rows");
  }
  return workspace(0);
}

Workspace Plan::workspace(std::size_t max_rows) const {
  auto block = std::make_unique<Workspace::Block>();
  block->program = program_;
  block->max_rows = max_rows;
  block->scratch = base::AlignedFloats(plan::scratch_floats(*program_, max_rows));
  block->sharing.shares = std::make_unique<run::Share[]>(run::share_count(*program_));
  if (program_->threads > 1) run::warm_up(static_cast<std::size_t>(program_->threads));
  return Workspace(std::move(block));
}

namespace {

/// Equal is allowed (where the sizes agree), partly overlapping is not.
void check_overlap(std::span<const float> x, std::span<float> y, bool equal_sizes) {
  const auto x0 = reinterpret_cast<std::uintptr_t>(x.data()), y0 = reinterpret_cast<std::uintptr_t>(y.data());
  const std::uintptr_t x1 = x0 + x.size_bytes(), y1 = y0 + y.size_bytes();
  if (x0 >= y1 || y0 >= x1 || (x0 == y0 && equal_sizes)) return;
  base::fail(Errc::invalid_argument, "run",
             "x and y overlap: they must be apart, or the same memory where a row has as many outputs as inputs");
}

}  // namespace

struct Plan::Request : run::Request {};

// Two callers: as a function of its own it would cost a run 20 instructions.
[[gnu::always_inline]] inline Plan::Request Plan::checked(std::span<const float> x, std::span<float> y,
                                                          Workspace& workspace) const {
  const plan::Program& program = *program_;
  const std::size_t rows = x.size() / program.input_size;
  if (rows * program.input_size != x.size()) {
    base::fail(Errc::shape_mismatch, "run", "x", "a multiple of " + std::to_string(program.input_size) + " floats",
               std::to_string(x.size()));
  }
  if (y.size() != rows * program.output_size) {
    base::fail(Errc::shape_mismatch, "run", "y",
               std::to_string(rows * program.output_size) + " floats for " + std::to_string(rows) + " rows",
               std::to_string(y.size()));
  }
  if (!workspace.block_ || workspace.block_->program.get() != &program) {
    base::fail(Errc::invalid_argument, "run", "the workspace was made by another plan");
  }
  const std::size_t max_rows = workspace.block_->max_rows;
  if (max_rows != 0 && rows > max_rows) {
    base::fail(Errc::invalid_argument, "run", "rows", "at most the workspace's " + std::to_string(max_rows),
               std::to_string(rows));
  }
  check_overlap(x, y, program.input_size == program.output_size);
  return {{x.data(), y.data(), rows, workspace.block_->scratch.data(), max_rows, &workspace.block_->sharing}};
}

void Plan::run(std::span<const float> x, std::span<float> y, Workspace& workspace) const {
  run::run(*program_, checked(x, y, workspace));
}

void Plan::run(std::span<const float> x, std::span<float> y, Workspace& workspace, Profiler& profiler) const {
  const Request request = checked(x, y, workspace);
  Profiler::Record* record = profiler.record_.get();
  if (record == nullptr || record->program.get() != program_.get()) {
    base::fail(Errc::invalid_argument, "run", "the profiler was made for another plan");
  }
  record->clear();
  const std::uint64_t begin = run::now_ns();
  const std::size_t threads = run::run_timed(*program_, request, record->sums.get());
  record->collect(run::now_ns() - begin, threads);
}

}  // namespace lamina
