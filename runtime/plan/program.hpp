// What a Plan is inside: packed weights and a flat list of steps, each a plain struct that names its slots.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/aligned.hpp"
#include "kernel/kernels.hpp"

#include <lamina/plan.hpp>
#include <lamina/tensor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lamina::plan {

/// Element type of packed weights. One today; 16-bit and 8-bit weights are meant to follow.
enum class WeightType : std::uint8_t { f32 };
enum class WeightLayout : std::uint8_t { panel, dot };  // see kernel::LinearArgs

/// Weights of one Linear in the order in which its kernel reads them.
struct PackedLinear {
  WeightType type = WeightType::f32;
  WeightLayout layout = WeightLayout::panel;
  std::size_t k = 0;             // inputs
  std::size_t n = 0;             // outputs
  std::size_t panel = 0;         // outputs per panel (dot: 1)
  std::size_t panel_stride = 0;  // elements from panel to panel (dot: from output to output)
  std::uint32_t chains = 1;
  base::AlignedFloats weights;
  base::AlignedFloats bias;  // padded to whole panels with zeros
};

using UnaryParameters = std::array<float, kernel::kUnaryParameters>;

/// Linear over the last dimension, `outer` vectors per row, then an elementwise or a row-wise epilogue.
struct LinearStep {
  PackedLinear packed;
  std::size_t outer = 1;
  kernel::Unary epilogue = kernel::Unary::identity;
  UnaryParameters p = {};
  kernel::RowFn row_epilogue = nullptr;  // softmax and kin over the outputs
  bool skip_zeros = false;
};
/// Every float of the row.
struct UnaryStep {
  kernel::Unary function = kernel::Unary::identity;
  UnaryParameters p = {};
};
/// One alpha per float of the row.
struct PReluStep {
  base::AlignedFloats alpha;
};
/// Vectors of one float per float of the row; empty ones are left out.
struct AffineStep {
  base::AlignedFloats shift, scale, offset;
  bool divide = false;
};
/// `outer` vectors of n floats per row.
struct RowStep {
  kernel::RowFn function = nullptr;
  std::size_t outer = 1;
  std::size_t n = 0;
};
/// Over the middle of [outer][axis][inner] within each row.
struct AxisStep {
  kernel::AxisFn function = nullptr;
  std::size_t outer = 1;
  std::size_t axis = 1;
  std::size_t inner = 1;
};
/// Over the batch: the only step that couples rows.
struct BatchStep {
  kernel::AxisFn function = nullptr;
};
/// [outer][2][half] -> [outer][half].
struct GluStep {
  std::size_t outer = 1;
  std::size_t half = 0;
};
struct LayerNormStep {
  std::size_t outer = 1;
  std::size_t n = 0;
  base::AlignedFloats weight, bias;  // empty: left out
  float eps = 0;
};
/// Input to output where nothing else does it.
struct CopyStep {};

using Operation = std::variant<LinearStep, UnaryStep, PReluStep, AffineStep, RowStep, AxisStep, BatchStep, GluStep,
                               LayerNormStep, CopyStep>;

/// Where a step reads or writes: the caller's memory, or one of the two scratch buffers.
enum class Slot : std::uint8_t { input, output, ping, pong };

struct Step {
  Operation operation;
  Slot from = Slot::input;
  Slot to = Slot::output;
  std::size_t in_size = 0;  // floats per row
  std::size_t out_size = 0;
  std::size_t ldx = 0, ldy = 0;    // floats from row to row of the slots: dense in the caller's memory
  bool may_work_in_place = false;  // the pass mark_in_place says so
  bool in_place = false;           // from == to
  // For people.
  std::string layers, description, kernel;
  std::uint64_t flops_per_row = 0;
  std::size_t weight_bytes = 0;
};

/// What several threads that share a block of few rows do before they meet again: the outputs of one Linear in
/// `units` panels; or, with units == 1, what is not worth cutting so, by rows: the row epilogue of step first - 1
/// (where `row_epilogue` says so), then the steps [first, last).
struct Phase {
  std::size_t first = 0, last = 0;
  std::size_t units = 1;
  bool row_epilogue = false;
};

/// Immutable once compiled.
struct Program {
  const kernel::KernelTable* table = nullptr;
  Shape input_shape, output_shape;  // of one row
  std::size_t input_size = 0, output_size = 0;
  std::vector<Step> steps;
  std::vector<Phase> phases;  // empty: no layer is worth sharing out, or there is one thread
  int threads = 1;
  ParallelFor parallel_for;  // empty: oneTBB's
  bool flush_denormals = false;
  bool batch_coupled = false;
  bool copy_if_aliased = false;    // the first step cannot write where it reads, but writes the output
  bool dense_rows = false;         // scratch rows without padding: some Linear sees several vectors per row
  std::size_t row_block = 0;       // rows that go through all steps together
  std::size_t scratch_stride = 0;  // floats: widest padded row that a scratch buffer holds
  std::size_t weight_bytes = 0;
  std::uint64_t flops_per_row = 0;
};

/// Floats from row to row of a scratch buffer that holds rows of `size` floats.
[[nodiscard]] std::size_t scratch_row_stride(std::size_t size, bool dense) noexcept;

/// Floats of scratch for up to `max_rows` rows (0: any number), for all threads together.
[[nodiscard]] std::size_t scratch_floats(const Program& program, std::size_t max_rows);

}  // namespace lamina::plan
