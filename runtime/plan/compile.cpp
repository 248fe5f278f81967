// Network after the passes + options -> Program for this CPU.
// SPDX-License-Identifier: Apache-2.0
#include "plan/compile.hpp"

#include "base/fail.hpp"
#include "model/infer.hpp"
#include "plan/lower.hpp"
#include "plan/pack.hpp"

#include <algorithm>
#include <utility>

namespace lamina::plan {
namespace {

Shape determine_input_shape(const model::Network& network, const CompileOptions& options) {
  if (options.input_shape) {
    for (const std::int64_t dim : *options.input_shape) {
      if (dim < 1) base::fail(Errc::invalid_argument, "input_shape", "dimension", "at least 1", std::to_string(dim));
    }
    if (network.input_shape && *network.input_shape != *options.input_shape) {
      base::fail(Errc::shape_mismatch, "input_shape", "the model states its own", to_string(*network.input_shape),
                 to_string(*options.input_shape));
    }
    return *options.input_shape;
  }
  if (const std::optional<Shape> shape = model::input_shape(network)) return *shape;
  base::fail(
      Errc::invalid_argument,
      "the model does not determine the shape of its input: give input_shape (on the command line --input-shape)");
}

/// Widest row that a scratch buffer holds, padded.
std::size_t widest_scratch_row(const Program& program) {
  std::size_t widest = program.copy_if_aliased ? scratch_row_stride(program.input_size, program.dense_rows) : 0;
  for (const Step& step : program.steps) {
    if (step.to == Slot::ping || step.to == Slot::pong) {
      widest = std::max(widest, scratch_row_stride(step.out_size, program.dense_rows));
    }
  }
  return widest;
}

void add_totals(Program& program) {
  for (const Step& step : program.steps) {
    program.weight_bytes += step.weight_bytes;
    program.flops_per_row += step.flops_per_row;
    if (std::holds_alternative<BatchStep>(step.operation)) program.batch_coupled = true;
    const auto* linear = std::get_if<LinearStep>(&step.operation);
    if (linear != nullptr && linear->outer > 1) program.dense_rows = true;
  }
}

void set_row_distances(Program& program) {
  const auto distance = [&](Slot slot, std::size_t size) {
    const bool callers = slot == Slot::input || slot == Slot::output;
    return callers ? size : scratch_row_stride(size, program.dense_rows);
  };
  for (Step& step : program.steps) {
    step.ldx = distance(step.from, step.in_size);
    step.ldy = distance(step.to, step.out_size);
  }
}

void mark_zero_skipping(Program& program) {
  for (Step& step : program.steps) {
    if (auto* linear = std::get_if<LinearStep>(&step.operation)) {
      linear->skip_zeros = skipping_pays(linear->packed, program.weight_bytes);
      if (linear->skip_zeros) step.kernel += " skip-zeros";
    }
  }
}

}  // namespace

std::shared_ptr<const Program> compile(model::Network network, const CompileOptions& options, int threads) {
  auto program = std::make_shared<Program>();
  program->table = &select_table(options.isa);
  program->threads = threads;
  program->parallel_for = options.parallel_for;
  program->flush_denormals = options.denormals == Denormals::flush;
  program->input_shape = determine_input_shape(network, options);
  program->input_size = element_count(program->input_shape);

  Shape shape = program->input_shape;
  for (model::Layer& layer : network.layers) {
    const Shape next = model::output_shape(layer, shape);
    if (std::optional<Step> step = lower(layer, shape, *program->table)) program->steps.push_back(std::move(*step));
    shape = next;
  }
  program->output_shape = shape;
  program->output_size = element_count(shape);
  if (program->steps.empty()) {
    Step copy;
    copy.operation = CopyStep{};
    copy.in_size = copy.out_size = program->input_size;
    copy.description = "Identity()";
    copy.kernel = "copy";
    program->steps.push_back(std::move(copy));
  }
  add_totals(*program);
  if (options.skip_zeros) mark_zero_skipping(*program);
  if (program->batch_coupled) program->threads = 1;  // one block: nothing to share out
  assign_slots(*program);
  set_row_distances(*program);
  cut_into_phases(*program);
  program->scratch_stride = widest_scratch_row(*program);
  program->row_block = choose_row_block(program->scratch_stride, program->weight_bytes, program->table->row_tile);
  return program;
}

}  // namespace lamina::plan
