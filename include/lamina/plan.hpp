// Model -> Plan (this CPU only) -> answers: compile, scratch memory and run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>
#include <lamina/export.hpp>
#include <lamina/tensor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lamina {

namespace plan {
struct Program;  // internal
}

class Profiler;

/// Instruction sets, from the least to the most able of each architecture.
enum class Isa { sse4, avx2, avx512, neon };

[[nodiscard]] LAMINA_API std::string_view to_string(Isa isa) noexcept;

/// What becomes of numbers below 1.2e-38, which some CPUs compute a hundred times slower.
enum class Denormals {
  preserve,  ///< computed as IEEE 754 says
  flush      ///< taken as zero, in inputs and results (FTZ and DAZ; FZ on arm64): other bits, where they occur
};

/// Threads of the host: calls task(0), ..., task(count - 1), each once, in any order, in any threads, and returns, or
/// throws, when all that it has begun are over. Tasks are independent and never throw. With fewer or no threads to give
/// it may leave tasks out: the caller's thread then does their work, as it does after an exception.
using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t index)>& task)>;

struct CompileOptions {
  /// Most threads that one run may use; 1 never leaves the caller's thread; 0 means all effective CPUs:
  /// the least of the hardware, the affinity mask and the cgroup quota.
  int threads = 1;
  /// Shape of one row (without the batch) where the model does not determine it.
  std::optional<Shape> input_shape = {};
  /// A lower instruction set than the CPU's best. LAMINA_ISA in the environment does the same.
  std::optional<Isa> isa = {};
  /// false runs each layer as the file has it. Results are equal to the bit, except where BatchNorm
  /// would have been folded into a Linear.
  bool fuse = true;
  /// For one row, weights that meet an exact 0.0 (half of them do after a ReLU) need not be read: the same
  /// bits, less memory traffic. Used where it pays: weights that are finite, between L1 and L3 in size.
  bool skip_zeros = true;
  /// Holds in every thread that works on a run, whatever the caller's own mode is, which is left as it was found.
  Denormals denormals = Denormals::preserve;
  /// Where runs on several threads get them; empty: from oneTBB, in the caller's current task_arena.
  ParallelFor parallel_for = {};
};

/// When a run is to be given up: looked at before it begins, then before each layer of each block of rows (before each
/// block only, where all its layers take some 5 us together).
struct RunOptions {
  std::stop_token stop_token = {};  ///< Error{cancelled}
  std::chrono::steady_clock::time_point deadline =
      std::chrono::steady_clock::time_point::max();  ///< Error{deadline_exceeded}
};

/// One step of a Plan, for people and profilers.
struct StepInfo {
  std::string layers;        ///< names of the layers it does: "0+1"
  std::string operation;     ///< "Linear 784 -> 128 + ReLU"
  std::string kernel;        ///< "linear_f32 6x64 avx512"
  bool in_place = false;     ///< writes where it reads
  bool skips_zeros = false;  ///< for one row: see CompileOptions::skip_zeros
  std::uint64_t flops_per_row = 0;
  std::uint64_t weight_bytes = 0;  ///< packed
};

/// Scratch memory for one caller of Plan::run; movable. Made by Plan::workspace. Two calls at once with
/// one Workspace are a broken precondition.
class LAMINA_API Workspace {
 public:
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;
  ~Workspace();
  /// Size of the one block that it owns.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  friend class Plan;
  struct Block;
  explicit Workspace(std::unique_ptr<Block> block) noexcept;
  std::unique_ptr<Block> block_;
};

/// A network made ready for this CPU: packed weights and a flat list of steps. Immutable: any number of
/// threads may run one Plan at once, each with its own Workspace. Copies share. Never saved.
///
/// The same row gives the same bits in any batch, at any position, with any number of threads, and on
/// every machine with FMA (AVX2, AVX-512, NEON); batch_coupled() plans are the exception.
class LAMINA_API Plan {
 public:
  explicit Plan(std::shared_ptr<const plan::Program> program);
  Plan(const Plan&);
  Plan(Plan&&) noexcept;
  Plan& operator=(const Plan&);
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  /// Floats per row.
  [[nodiscard]] std::size_t input_size() const noexcept;
  [[nodiscard]] std::size_t output_size() const noexcept;
  /// Shape of one row, without the batch.
  [[nodiscard]] const Shape& input_shape() const noexcept;
  [[nodiscard]] const Shape& output_shape() const noexcept;
  /// True where a layer works over dimension 0 (Softmax(dim=0)): rows then depend on each other, one run
  /// is one block, and workspace() needs max_rows.
  [[nodiscard]] bool batch_coupled() const noexcept;
  [[nodiscard]] int threads() const noexcept;
  [[nodiscard]] Isa isa() const noexcept;
  [[nodiscard]] std::vector<StepInfo> steps() const;
  /// Rows that go through all steps together while they are in cache.
  [[nodiscard]] std::size_t row_block() const noexcept;
  /// Bytes of packed weights.
  [[nodiscard]] std::size_t weight_bytes() const noexcept;
  /// Bytes of a workspace for `max_rows` rows (0: any number):
  /// threads x min(max_rows, row block) x 2 x widest padded row x 4 + 64; with several threads 64 x threads more for
  /// each time that they meet in a run: once, or at most twice per step.
  [[nodiscard]] std::size_t workspace_bytes(std::size_t max_rows = 0) const;

  /// Scratch for one caller, any number of rows.
  [[nodiscard]] Workspace workspace() const;
  /// Smaller scratch, for at most `max_rows` rows per run.
  [[nodiscard]] Workspace workspace(std::size_t max_rows) const;

  /// y = network(x) for x.size() / input_size() rows, row-major. No allocation, no lock, no lazy work.
  /// x and y may be the same memory where input_size() == output_size(); they must not overlap otherwise.
  /// Throws Error{invalid_argument, shape_mismatch} before anything is written.
  void run(std::span<const float> x, std::span<float> y, Workspace& workspace) const;
  /// Also throws Error{cancelled, deadline_exceeded}. A run that was given up has written any part of y, or none: what
  /// y holds then is of no use, nor x, where it is the same memory. The workspace is as good as before.
  void run(std::span<const float> x, std::span<float> y, Workspace& workspace, const RunOptions& options) const;
  /// As without options; `profiler`, made for this plan, then knows where the time went: see <lamina/profile.hpp>.
  void run(std::span<const float> x, std::span<float> y, Workspace& workspace, Profiler& profiler) const;

  /// The same with a workspace from a pool that copies of this Plan share, for servers whose threads are not their own.
  /// No lock; no allocation once as many callers at a time have been here before, or warm_up() has. At most 64
  /// workspaces are kept. A batch_coupled() Plan has no pool: Error{invalid_argument}.
  void run(std::span<const float> x, std::span<float> y) const;
  void run(std::span<const float> x, std::span<float> y, const RunOptions& options) const;

  /// Puts workspaces for `callers` callers at once into the pool, at most 64, and runs a row of zeros in each, so that
  /// the first requests find memory and weights as later ones do.
  void warm_up(std::size_t callers) const;

  [[nodiscard]] const plan::Program& program() const noexcept { return *program_; }  ///< internal

 private:
  friend class Profiler;
  struct Request;
  [[nodiscard]] Request checked(std::span<const float> x, std::span<float> y, Workspace& workspace) const;
  struct Pool;
  class Lease;
  std::shared_ptr<const plan::Program> program_;
  std::shared_ptr<Pool> pool_;
};

}  // namespace lamina
