// Arch tag -> KernelTable: which template fills which slot.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/activation.inl.hpp"
#include "kernel/kernels.hpp"
#include "kernel/linear.inl.hpp"
#include "kernel/roof.inl.hpp"
#include "kernel/row.inl.hpp"
#include "kernel/softmax.inl.hpp"

namespace lamina::kernel {
namespace {

template <class A>
constexpr KernelTable make_table(Isa isa, const char* name) {
  KernelTable t{};
  t.isa = isa;
  t.name = name;
  t.lanes = kLanes<A>;
  t.tile = LinearTile<A>::kName;
  t.low_tile = LinearTile<A>::kLowName;
  t.short_sum = kShortSum;
  t.panel = LinearTile<A>::kPanel;
  t.row_tile = LinearTile<A>::kRows;
  t.row_outputs = LinearTile<A>::kRowOutputs;
  t.linear_panel = &linear_panel<A>;
  t.linear_dot = &linear_dot<A>;
  fill_unary<A>(t.unary);
  t.softmax = &softmax_rows<A>;
  t.log_softmax = &log_softmax_rows<A>;
  t.softmin = &softmin_rows<A>;
  t.sparsemax = &sparsemax_rows<A>;
  t.unit_norm = &unit_norm_rows<A>;
  t.softmax_axis = &softmax_axis<A>;
  t.log_softmax_axis = &log_softmax_axis<A>;
  t.softmin_axis = &softmin_axis<A>;
  t.sparsemax_axis = &sparsemax_axis<A>;
  t.affine = &affine_rows<A>;
  t.prelu = &prelu_rows<A>;
  t.glu = &glu<A>;
  t.layer_norm = &layer_norm_rows<A>;
  t.multiply_add = &multiply_add<A>;
  t.read_floats = &read_floats<A>;
  return t;
}

}  // namespace
}  // namespace lamina::kernel
