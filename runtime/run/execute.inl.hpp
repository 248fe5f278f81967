// A Program, a block of input rows and scratch -> the block of output rows: the whole interpreter, for any probe.
// SPDX-License-Identifier: Apache-2.0
//
// Included where it is compiled for a probe: execute.cpp for none, execute_observed.cpp for the others. In one file
// they would share functions, which GCC then calls where it would inline them: 23 instructions more per step.
#pragma once

#include "run/execute.hpp"

#include <cstring>

namespace lamina::run {
namespace {

using kernel::KernelTable;

/// What a step sees: rows of in_size floats at distance ldx, to be written at distance ldy.
struct Rows {
  const float* x;
  std::size_t ldx;
  float* y;
  std::size_t ldy;
  std::size_t count;
  std::size_t in_size;
  std::size_t out_size;

  [[nodiscard]] kernel::RowArgs whole() const noexcept { return {x, ldx, y, ldy, count, out_size}; }
  [[nodiscard]] kernel::RowArgs inputs() const noexcept { return {x, ldx, y, ldy, count, in_size}; }
  [[nodiscard]] bool dense() const noexcept { return ldx == in_size && ldy == out_size; }
};

/// `outer` vectors of n floats per row as rows of their own: one call where rows follow each other without padding.
template <class Call>
void for_vectors(const Rows& r, std::size_t outer, std::size_t in, std::size_t out, Call call) {
  if (outer == 1) return call(kernel::RowArgs{r.x, r.ldx, r.y, r.ldy, r.count, out});
  if (r.dense()) return call(kernel::RowArgs{r.x, in, r.y, out, r.count * outer, out});
  for (std::size_t i = 0; i < r.count; ++i) {
    call(kernel::RowArgs{r.x + i * r.ldx, in, r.y + i * r.ldy, out, outer, out});
  }
}

kernel::LinearArgs linear_args(const plan::LinearStep& s, const kernel::RowArgs& rows) {
  const plan::PackedLinear& packed = s.packed;
  kernel::LinearArgs a{};
  a.x = rows.x;
  a.ldx = rows.ldx;
  a.y = rows.y;
  a.ldy = rows.ldy;
  a.w = packed.weights.data();
  a.b = packed.bias.data();
  a.rows = rows.rows;
  a.k = packed.k;
  a.n_begin = 0;
  a.n_end = packed.n;
  a.panel = packed.panel;
  a.panel_stride = packed.panel_stride;
  a.chains = packed.chains;
  a.skip_zeros = s.skip_zeros;
  a.epilogue = s.epilogue;
  for (std::size_t i = 0; i < s.p.size(); ++i) a.p[i] = s.p[i];
  return a;
}

void row_epilogue(const plan::LinearStep& s, const kernel::RowArgs& rows) {
  if (s.row_epilogue != nullptr) s.row_epilogue({rows.y, rows.ldy, rows.y, rows.ldy, rows.rows, s.packed.n});
}

void step(const plan::LinearStep& s, const Rows& r, const KernelTable& t) {
  const kernel::LinearFn linear = s.packed.layout == plan::WeightLayout::dot ? t.linear_dot : t.linear_panel;
  for_vectors(r, s.outer, s.packed.k, s.packed.n, [&](const kernel::RowArgs& rows) {
    linear(linear_args(s, rows));
    row_epilogue(s, rows);
  });
}

void step(const plan::UnaryStep& s, const Rows& r, const KernelTable& t) {
  if (s.function == kernel::Unary::identity && r.x == r.y) return;
  const kernel::UnaryFn f = t.unary[static_cast<std::size_t>(s.function)];
  if (r.dense()) return f(r.x, r.y, r.count * r.in_size, s.p.data());
  for (std::size_t i = 0; i < r.count; ++i) f(r.x + i * r.ldx, r.y + i * r.ldy, r.in_size, s.p.data());
}

void step(const plan::PReluStep& s, const Rows& r, const KernelTable& t) { t.prelu(r.whole(), s.alpha.data()); }

void step(const plan::AffineStep& s, const Rows& r, const KernelTable& t) {
  t.affine({r.whole(), s.shift.data(), s.scale.data(), s.offset.data(), s.divide});
}

void step(const plan::RowStep& s, const Rows& r, const KernelTable&) {
  for_vectors(r, s.outer, s.n, s.n, [&](const kernel::RowArgs& rows) { s.function(rows); });
}

void step(const plan::AxisStep& s, const Rows& r, const KernelTable&) {
  for (std::size_t i = 0; i < r.count; ++i) {
    s.function({r.x + i * r.ldx, r.y + i * r.ldy, s.outer, s.axis, s.inner});
  }
}

void copy_rows(const Rows& r) {
  for (std::size_t i = 0; i < r.count; ++i) {
    std::memcpy(r.y + i * r.ldy, r.x + i * r.ldx, r.in_size * sizeof(float));
  }
}

// The kernel wants its rows dense; a batch-coupled program's scratch rows may be padded: inner = the padded
// distance covers the padding too, whose values nobody reads.
void step(const plan::BatchStep& s, const Rows& r, const KernelTable&) {
  if (r.x != r.y && r.ldx == r.ldy) return s.function({r.x, r.y, 1, r.count, r.ldx});
  if (r.x != r.y) copy_rows(r);
  s.function({r.y, r.y, 1, r.count, r.ldy});
}

void step(const plan::GluStep& s, const Rows& r, const KernelTable& t) {
  for (std::size_t i = 0; i < r.count; ++i) {
    for (std::size_t o = 0; o < s.outer; ++o) {
      const float* a = r.x + i * r.ldx + o * 2 * s.half;
      t.glu(a, a + s.half, r.y + i * r.ldy + o * s.half, s.half);
    }
  }
}

void step(const plan::LayerNormStep& s, const Rows& r, const KernelTable& t) {
  for_vectors(r, s.outer, s.n, s.n, [&](const kernel::RowArgs& rows) {
    t.layer_norm({rows, s.weight.data(), s.bias.data(), s.eps});
  });
}

void step(const plan::CopyStep&, const Rows& r, const KernelTable&) {
  if (r.x != r.y) copy_rows(r);
}

Rows rows_of(const plan::Step& s, const Block& block) {
  const auto buffer = [&](plan::Slot slot) {
    return slot == plan::Slot::output ? block.y : slot == plan::Slot::ping ? block.ping : block.pong;
  };
  const bool first = s.from == plan::Slot::input;
  const std::size_t ldx = first ? block.ldx : s.ldx;  // the input may have been copied: see prepare()
  const float* x = first ? block.x : buffer(s.from);
  return {
      x + block.first_row * ldx, ldx, buffer(s.to) + block.first_row * s.ldy, s.ldy, block.rows, s.in_size, s.out_size};
}

}  // namespace

template <class Probe>
void execute(const plan::Program& program, const Block& block, std::size_t first, std::size_t last,
             Probe probe) noexcept {
  for (std::size_t i = first; i < last; ++i) {
    const plan::Step& s = program.steps[i];
    const Rows rows = rows_of(s, block);
    probe.before(i, rows.inputs());
    std::visit([&](const auto& operation) { step(operation, rows, *program.table); }, s.operation);
    probe.after(i);
  }
}

template <class Probe>
void execute_outputs(const plan::Program& program, const Block& block, std::size_t step, std::size_t n_begin,
                     std::size_t n_end, Probe probe) noexcept {
  const plan::Step& s = program.steps[step];
  kernel::LinearArgs args = linear_args(*std::get_if<plan::LinearStep>(&s.operation), rows_of(s, block).whole());
  args.n_begin = n_begin;
  args.n_end = n_end;
  program.table->linear_panel(args);
  probe.after(step);
}

template <class Probe>
void execute_row_epilogue(const plan::Program& program, const Block& block, std::size_t step, Probe probe) noexcept {
  const plan::Step& s = program.steps[step];
  row_epilogue(*std::get_if<plan::LinearStep>(&s.operation), rows_of(s, block).whole());
  probe.after(step);
}

}  // namespace lamina::run
