// ONNX's activations -> lamina's, with the defaults of each opset.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/operators.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace lamina::format::onnx {
namespace {

using base::fail;
using Kind = model::ActivationKind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Constant number(double value) {
  return {.dims = {}, .floats = Tensor(Shape{}, {static_cast<float>(value)}), .integers = {}};
}

void add(Conversion& c, Kind kind, std::array<double, 3> parameters = {}) {
  c.builder.add_elementwise(model::Activation{.kind = kind, .parameters = parameters});
}

template <Kind kKind>
void plain(Conversion& c) {
  add(c, kKind);
}

void softplus(Conversion& c) {
  add(c, Kind::softplus, {1, 20});  // the threshold beyond which log(1 + e^x) is x in float32
}

void leaky_relu(Conversion& c) { add(c, Kind::leaky_relu, {c.attributes.number("alpha", 0.01)}); }
void elu(Conversion& c) { add(c, Kind::elu, {c.attributes.number("alpha", 1)}); }
void celu(Conversion& c) { add(c, Kind::celu, {c.attributes.number("alpha", 1)}); }
void thresholded_relu(Conversion& c) { add(c, Kind::threshold, {c.attributes.number("alpha", 1), 0}); }

/// gamma (x > 0 ? x : alpha (e^x - 1)).
void selu(Conversion& c) {
  constexpr float kAlpha = 1.67326319217681884765625f, kGamma = 1.05070102214813232421875f;
  const double alpha = c.attributes.number("alpha", shortest(kAlpha));
  const double gamma = c.attributes.number("gamma", shortest(kGamma));
  if (static_cast<float>(alpha) == kAlpha && static_cast<float>(gamma) == kGamma) return add(c, Kind::selu);
  add(c, Kind::elu, {alpha});
  c.builder.add_affine(Arithmetic::multiply, number(gamma));
}

void hard_sigmoid(Conversion& c) {
  const double alpha = c.attributes.number("alpha", 0.2), beta = c.attributes.number("beta", 0.5);
  if (static_cast<float>(alpha) == 1.0f / 6 && beta == 0.5) return add(c, Kind::hardsigmoid);
  add(c, Kind::hard_sigmoid_linear, {alpha, beta});
}

void gelu(Conversion& c) {
  const std::string approximate = c.attributes.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh") {
    fail(Errc::malformed, "approximate", "value", "'none' or 'tanh'", base::quoted(approximate));
  }
  add(c, Kind::gelu, {approximate == "tanh" ? 1.0 : 0.0});
}

/// x sigmoid(alpha x) = SiLU(alpha x) / alpha.
void swish(Conversion& c) {
  const double alpha = c.attributes.number("alpha", 1);
  if (alpha == 1) return add(c, Kind::silu);
  if (alpha == 0) fail(Errc::unsupported_feature, "alpha=0");
  c.builder.add_affine(Arithmetic::multiply, number(alpha));
  add(c, Kind::silu);
  c.builder.add_affine(Arithmetic::divide, number(alpha));
}

void shrink(Conversion& c) {
  const double lambd = c.attributes.number("lambd", 0.5), bias = c.attributes.number("bias", 0);
  if (bias != 0 && bias != lambd) fail(Errc::unsupported_feature, "bias is neither 0 nor lambd");
  add(c, bias == 0 ? Kind::hardshrink : Kind::softshrink, {lambd});
}

/// From opset 11 an input, before an attribute.
double bound(Conversion& c, std::string_view name, std::size_t index, double absent) {
  if (!c.has_input(index)) return c.attributes.number(name, absent);
  const Constant constant = c.floats(index);
  if (constant.size() != 1) fail(Errc::malformed, name, "elements", "one", std::to_string(constant.size()));
  return shortest(constant.floats.data()[0]);
}

void clip(Conversion& c) {
  c.require_first();
  c.attributes.ignore("consumed_inputs");
  const double low = bound(c, "min", 1, -kInfinity), high = bound(c, "max", 2, kInfinity);
  // The defaults of a bound are the limits of float32, at every opset.
  constexpr double kLowest = std::numeric_limits<float>::lowest(), kHighest = std::numeric_limits<float>::max();
  const bool open_low = low <= kLowest, open_high = high >= kHighest;
  if (open_low && open_high) return;
  if (low == 0 && open_high) return add(c, Kind::relu);
  if (low == 0 && high == 6) return add(c, Kind::relu6);
  add(c, Kind::hardtanh, {open_low ? kLowest : low, open_high ? kHighest : high});
}

/// The slope by right-aligned broadcast: a list belongs to the last dimension, not to dimension 1.
void prelu(Conversion& c) {
  c.require_first();
  Constant slope = c.floats(1);
  const RowView& view = c.builder.view();
  if (c.opset() < 7 && slope.size() != 1 && view.rank() > 2) {
    fail(Errc::unsupported_feature, "one slope per channel before opset 7");
  }
  if (slope.size() == 1) {
    model::PReLU one;
    one.weight = slope.floats.reshaped({1});
    return c.builder.add_elementwise(std::move(one));
  }
  model::PReLU prelu{.per_position = true};
  prelu.weight = c.builder.broadcast_over_row(slope);
  prelu.alpha_shape = prelu.weight.shape();
  c.builder.add(std::move(prelu));
}

constexpr std::array kRows = {
    OperatorRow{"Relu", plain<Kind::relu>},
    OperatorRow{"Sigmoid", plain<Kind::sigmoid>},
    OperatorRow{"Tanh", plain<Kind::tanh>},
    OperatorRow{"Softsign", plain<Kind::softsign>},
    OperatorRow{"HardSwish", plain<Kind::hardswish>},
    OperatorRow{"Mish", plain<Kind::mish>},
    OperatorRow{"Exp", plain<Kind::exponential>},
    OperatorRow{"Softplus", softplus},
    OperatorRow{"LeakyRelu", leaky_relu},
    OperatorRow{"Elu", elu},
    OperatorRow{"Celu", celu},
    OperatorRow{"Selu", selu},
    OperatorRow{"ThresholdedRelu", thresholded_relu},
    OperatorRow{"HardSigmoid", hard_sigmoid},
    OperatorRow{"Gelu", gelu},
    OperatorRow{"Swish", swish},
    OperatorRow{"Shrink", shrink},
    OperatorRow{"Clip", clip},
    OperatorRow{"PRelu", prelu},
};

}  // namespace

Convert find_activation(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const OperatorRow& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->convert;
}

}  // namespace lamina::format::onnx
