// The public Plan and Workspace: argument checks, then run/.
// SPDX-License-Identifier: Apache-2.0
#include "api/profiler.hpp"
#include "api/rows.hpp"
#include "base/aligned.hpp"
#include "base/fail.hpp"
#include "base/pool.hpp"
#include "plan/program.hpp"
#include "run/float_mode.hpp"
#include "run/parallel.hpp"
#include "run/run.hpp"

#include <lamina/plan.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

struct Plan::Pool {
  base::Pool<Workspace> idle;
};

/// A workspace of the pool for the time of one run, a new one where none is idle.
class Plan::Lease {
 public:
  explicit Lease(const Plan& plan) : pool_(*plan.pool_), workspace_(pool_.idle.take()) {
    if (!workspace_) workspace_ = std::make_unique<Workspace>(plan.workspace());
  }
  ~Lease() { pool_.idle.give(std::move(workspace_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] Workspace& workspace() noexcept { return *workspace_; }

 private:
  Pool& pool_;
  std::unique_ptr<Workspace> workspace_;
};

Plan::Plan(std::shared_ptr<const plan::Program> program)
    : program_(std::move(program)), pool_(std::make_shared<Pool>()) {}
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
  if (program_->threads > 1 && !program_->parallel_for) {
    const run::FloatMode mode(false);  // oneTBB raises flags of its own
    run::warm_up(static_cast<std::size_t>(program_->threads));
  }
  return Workspace(std::move(block));
}

namespace {

[[noreturn]] void fail_as(run::Outcome outcome) {
  if (outcome == run::Outcome::cancelled) base::fail(Errc::cancelled, "run", "the stop token asked for it");
  base::fail(Errc::deadline_exceeded, "run", "the deadline has passed");
}

}  // namespace

struct Plan::Request : run::Request {};

// Several callers: as a function of its own it would cost a run 20 instructions.
[[gnu::always_inline]] inline Plan::Request Plan::checked(std::span<const float> x, std::span<float> y,
                                                          Workspace& workspace) const {
  const std::size_t rows = api::checked_rows(*program_, x, y);
  if (!workspace.block_ || workspace.block_->program != program_) {
    base::fail(Errc::invalid_argument, "run", "the workspace was made by another plan");
  }
  Workspace::Block& block = *workspace.block_;
  if (block.max_rows != 0 && rows > block.max_rows) {
    base::fail(Errc::invalid_argument, "run", "rows", "at most the workspace's " + std::to_string(block.max_rows),
               std::to_string(rows));
  }
  return {{x.data(), y.data(), rows, block.scratch.data(), block.max_rows, &block.sharing}};
}

void Plan::run(std::span<const float> x, std::span<float> y, Workspace& workspace) const {
  run::run(*program_, checked(x, y, workspace));
}

void Plan::run(std::span<const float> x, std::span<float> y, Workspace& workspace, const RunOptions& options) const {
  Request request = checked(x, y, workspace);
  run::Halt halt(options);
  if (run::Halt::possible(options)) request.halt = &halt;
  const run::Outcome outcome = run::run(*program_, request);
  if (outcome != run::Outcome::done) fail_as(outcome);
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

void Plan::run(std::span<const float> x, std::span<float> y) const {
  Lease lease(*this);
  run(x, y, lease.workspace());
}

void Plan::run(std::span<const float> x, std::span<float> y, const RunOptions& options) const {
  Lease lease(*this);
  run(x, y, lease.workspace(), options);
}

void Plan::warm_up(std::size_t callers) const {
  const std::vector<float> x(input_size());
  std::vector<float> y(output_size());
  std::vector<std::unique_ptr<Lease>> leases;  // all at once, so that each has another workspace
  for (std::size_t i = 0; i < std::min(callers, base::Pool<Workspace>::kSlots); ++i) {
    leases.push_back(std::make_unique<Lease>(*this));
    run(x, y, leases.back()->workspace());
  }
}

}  // namespace lamina
