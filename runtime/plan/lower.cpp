// One layer and the shape of its input -> the step that computes it.
// SPDX-License-Identifier: Apache-2.0
#include "plan/lower.hpp"

#include "base/fail.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"
#include "plan/broadcast.hpp"
#include "plan/pack.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace lamina::plan {
namespace {

using model::SoftmaxKind;

std::size_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::size_t count = 1;
  for (std::size_t i = begin; i < end; ++i) count *= static_cast<std::size_t>(shape[i]);
  return count;
}
std::size_t product(const Shape& shape) { return product(shape, 0, shape.size()); }

kernel::RowFn row_function(SoftmaxKind kind, const kernel::KernelTable& table) {
  switch (kind) {
    case SoftmaxKind::log_softmax:
      return table.log_softmax;
    case SoftmaxKind::softmin:
      return table.softmin;
    case SoftmaxKind::sparsemax:
      return table.sparsemax;
    case SoftmaxKind::softmax:
    case SoftmaxKind::softmax2d:
      break;
  }
  return table.softmax;
}
kernel::AxisFn axis_function(SoftmaxKind kind, const kernel::KernelTable& table) {
  switch (kind) {
    case SoftmaxKind::log_softmax:
      return table.log_softmax_axis;
    case SoftmaxKind::softmin:
      return table.softmin_axis;
    case SoftmaxKind::sparsemax:
      return table.sparsemax_axis;
    case SoftmaxKind::softmax:
    case SoftmaxKind::softmax2d:
      break;
  }
  return table.softmax_axis;
}

/// What lowering one layer needs to know and what it fills in.
struct Context {
  model::Layer& layer;
  const Shape& input;
  const kernel::KernelTable& table;
  Step step = {};

  void label(std::string kernel, std::uint64_t flops) {
    step.kernel = std::move(kernel) + " " + table.name;
    step.flops_per_row = flops;
  }
  void label_unary(kernel::Unary function, std::size_t count) {
    label(std::string(kernel::unary_name(function)) + "_f32", count);
  }
};

void lower_op(Context& c, model::Linear& linear) {
  if (linear.weight.empty())
    base::fail(Errc::missing_weight, place(c.layer), "has no weights: load them or fill them in");
  LinearStep step;
  step.outer = product(c.input, 0, c.input.size() - 1);
  step.packed = pack(linear, c.table);
  const bool dot = step.packed.layout == WeightLayout::dot;
  const char* tile = step.packed.k < c.table.short_sum ? c.table.low_tile : c.table.tile;
  std::string kernel = dot ? "linear_dot_f32" : std::string("linear_f32 ") + tile;
  if (step.packed.chains > 1) kernel += " chains=" + std::to_string(step.packed.chains);
  std::uint64_t flops = std::uint64_t{2} * step.packed.k * step.packed.n * step.outer;
  if (c.layer.epilogue) {
    if (const auto* activation = std::get_if<model::Activation>(&*c.layer.epilogue)) {
      const LoweredActivation lowered = lower_activation(*activation);
      step.epilogue = lowered.function;
      step.p = lowered.p;
      kernel += std::string(" + ") + kernel::unary_name(lowered.function);
    } else if (const auto* softmax = std::get_if<model::Softmax>(&*c.layer.epilogue)) {
      step.row_epilogue = row_function(softmax->kind, c.table);
      kernel += " + softmax";
    } else {
      base::fail(Errc::internal, place(c.layer), "an epilogue that is neither activation nor softmax");
    }
  }
  c.label(std::move(kernel), flops);
  c.step.weight_bytes = step.packed.weights.bytes() + step.packed.bias.bytes();
  c.step.operation = std::move(step);
}

void lower_op(Context& c, model::Activation& activation) {
  const LoweredActivation lowered = lower_activation(activation);
  c.label_unary(lowered.function, product(c.input));
  c.step.operation = UnaryStep{lowered.function, lowered.p};
}

void lower_op(Context& c, model::PReLU& prelu) {
  if (prelu.weight.empty())
    base::fail(Errc::missing_weight, place(c.layer), "has no weights: load them or fill them in");
  PReluStep step;
  step.alpha =
      prelu.per_position ? expand_right_aligned(prelu.weight, c.input) : expand_channels(prelu.weight, c.input, 0);
  c.label("prelu_f32", product(c.input));
  c.step.weight_bytes = step.alpha.bytes();
  c.step.operation = std::move(step);
  prelu.weight = Tensor();
}

void lower_op(Context& c, model::Softmax& softmax) {
  const std::size_t rank = c.input.size();
  const std::vector<int> axes = model::softmax_axes(c.layer, rank);
  for (std::size_t i = 1; i < axes.size(); ++i) {
    if (axes[i] != axes[i - 1] + 1) {
      base::fail(Errc::unsupported_feature, place(c.layer), "softmax over dimensions that are not neighbours");
    }
  }
  c.label("softmax_f32", 4 * product(c.input));
  if (axes.front() < 0) {
    if (axes.size() > 1)
      base::fail(Errc::unsupported_feature, place(c.layer), "softmax over the batch and another dimension");
    c.step.operation = BatchStep{axis_function(softmax.kind, c.table)};
    return;
  }
  const auto first = static_cast<std::size_t>(axes.front()), last = static_cast<std::size_t>(axes.back());
  const std::size_t outer = product(c.input, 0, first), axis = product(c.input, first, last + 1);
  const std::size_t inner = product(c.input, last + 1, rank);
  if (inner == 1) {
    c.step.operation = RowStep{row_function(softmax.kind, c.table), outer, axis};
  } else {
    c.step.operation = AxisStep{axis_function(softmax.kind, c.table), outer, axis, inner};
  }
}

void lower_op(Context& c, model::Glu& glu) {
  const int axis = model::row_axis(glu.dim, c.input.size(), place(c.layer));
  if (axis < 0) base::fail(Errc::unsupported_feature, place(c.layer), "GLU over the batch");
  const auto a = static_cast<std::size_t>(axis);
  GluStep step{product(c.input, 0, a), product(c.input, a, c.input.size()) / 2};
  c.label("glu_f32", 2 * step.outer * step.half);
  c.step.operation = step;
}

void lower_op(Context& c, model::BatchNorm& norm) {
  if (norm.running_mean.empty() || norm.running_var.empty() || (norm.has_weight && norm.weight.empty()) ||
      (norm.has_bias && norm.bias.empty())) {
    base::fail(Errc::missing_weight, place(c.layer), "has no weights: load them or fill them in");
  }
  const int axis = model::row_axis(norm.axis, c.input.size(), place(c.layer));
  if (axis < 0) base::fail(Errc::unsupported_feature, place(c.layer), "normalisation over the batch dimension");
  // scale = weight / sqrt(variance + eps) in double, so that it is rounded once.
  Tensor scale(Shape{norm.num_features});
  const std::span<float> s = scale.mutable_values();
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double weight = norm.has_weight ? norm.weight.data()[i] : 1.0;
    s[i] = static_cast<float>(weight / std::sqrt(static_cast<double>(norm.running_var.data()[i]) + norm.eps));
  }
  AffineStep step;
  const auto at = static_cast<std::size_t>(axis);
  step.shift = expand_channels(norm.running_mean, c.input, at);
  step.scale = expand_channels(scale, c.input, at);
  if (norm.has_bias) step.offset = expand_channels(norm.bias, c.input, at);
  c.label("affine_f32", 3 * product(c.input));
  c.step.weight_bytes = step.shift.bytes() + step.scale.bytes() + step.offset.bytes();
  c.step.operation = std::move(step);
}

void lower_op(Context& c, model::LayerNorm& norm) {
  if ((norm.has_weight && norm.weight.empty()) || (norm.has_bias && norm.bias.empty())) {
    base::fail(Errc::missing_weight, place(c.layer), "has no weights: load them or fill them in");
  }
  LayerNormStep step;
  step.n = product(norm.normalized_shape);
  step.outer = product(c.input) / step.n;
  step.eps = static_cast<float>(norm.eps);
  if (norm.has_weight) step.weight = copy_values(norm.weight);
  if (norm.has_bias) step.bias = copy_values(norm.bias);
  c.label("layer_norm_f32", 8 * product(c.input));
  c.step.weight_bytes = step.weight.bytes() + step.bias.bytes();
  c.step.operation = std::move(step);
}

void lower_op(Context& c, model::Affine& affine) {
  AffineStep step;
  step.divide = affine.divide;
  if (!affine.shift.empty()) step.shift = expand_right_aligned(affine.shift, c.input);
  if (!affine.scale.empty()) step.scale = expand_right_aligned(affine.scale, c.input);
  if (!affine.offset.empty()) step.offset = expand_right_aligned(affine.offset, c.input);
  c.label("affine_f32", 3 * product(c.input));
  c.step.weight_bytes = step.shift.bytes() + step.scale.bytes() + step.offset.bytes();
  c.step.operation = std::move(step);
}

void lower_op(Context& c, model::UnitNorm&) {
  const std::size_t n = c.input.empty() ? 1 : static_cast<std::size_t>(c.input.back());
  c.label("unit_norm_f32", 3 * product(c.input));
  c.step.operation = RowStep{c.table.unit_norm, product(c.input) / n, n};
}

// Identity at inference: a copy, dropped where it can be by the pass drop_identity.
void lower_identity(Context& c) {
  c.label_unary(kernel::Unary::identity, 0);
  c.step.operation = UnaryStep{};
}
void lower_op(Context& c, model::Dropout&) { lower_identity(c); }
void lower_op(Context& c, model::Identity&) { lower_identity(c); }
void lower_op(Context& c, model::Flatten&) { lower_identity(c); }
void lower_op(Context& c, model::Reshape&) { lower_identity(c); }
void lower_op(Context& c, model::Sequential&) {
  base::fail(Errc::internal, place(c.layer), "a nested Sequential reached the plan");
}

}  // namespace

std::optional<Step> lower(model::Layer& layer, const Shape& input, const kernel::KernelTable& table) {
  const Shape output = model::output_shape(layer, input);
  // Rows are contiguous: another shape of the same floats needs no step.
  if (std::holds_alternative<model::Flatten>(layer.op) || std::holds_alternative<model::Reshape>(layer.op)) return {};
  Context c{layer, input, table};
  c.step.description = model::torch_repr(layer);
  c.step.layers = layer.name;
  for (const std::string& absorbed : layer.absorbed) c.step.layers += "+" + absorbed;
  if (layer.epilogue) c.step.description += " + " + model::torch_repr(model::Layer{"", *layer.epilogue});
  c.step.in_size = product(input);
  c.step.out_size = product(output);
  c.step.may_work_in_place = layer.in_place;
  std::visit([&](auto& op) { lower_op(c, op); }, layer.op);
  return std::move(c.step);
}

}  // namespace lamina::plan
