// Activations with a corner, as Where, Min and Max.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/attributes.hpp"
#include "format/onnx/pattern.hpp"

#include <array>
#include <limits>

namespace lamina::format::onnx {
namespace {

using Kind = model::ActivationKind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double number(const PatternConversion& c, char name) { return shortest(static_cast<float>(c.match.number(name))); }

void add(PatternConversion& c, Kind kind, std::array<double, 3> parameters = {}) {
  c.builder.add_elementwise(model::Activation{.kind = kind, .parameters = parameters});
}

void relu(PatternConversion& c) { add(c, Kind::relu); }
void leaky_relu(PatternConversion& c) { add(c, Kind::leaky_relu, {number(c, 'a')}); }
void elu(PatternConversion& c) { add(c, Kind::elu, {number(c, 'a')}); }
void plain_elu(PatternConversion& c) { add(c, Kind::elu, {1}); }
void thresholded(PatternConversion& c) { add(c, Kind::threshold, {number(c, 'a'), number(c, 'v')}); }
void between(PatternConversion& c) { add(c, Kind::hardtanh, {number(c, 'a'), number(c, 'b')}); }
void at_least(PatternConversion& c) { add(c, Kind::hardtanh, {number(c, 'a'), kInfinity}); }
void at_most(PatternConversion& c) { add(c, Kind::hardtanh, {-kInfinity, number(c, 'b')}); }
void hard_sigmoid(PatternConversion& c) { add(c, Kind::hard_sigmoid_linear, {number(c, 'a'), number(c, 'b')}); }
void hardshrink(PatternConversion& c) { add(c, Kind::hardshrink, {number(c, 'l')}); }
void softshrink(PatternConversion& c) { add(c, Kind::softshrink, {number(c, 'l')}); }

void prelu(PatternConversion& c) {
  model::PReLU prelu{.per_position = true};
  prelu.weight = c.builder.broadcast_over_row(c.values.constant(c.match.constant('S')));
  prelu.alpha_shape = prelu.weight.shape();
  c.builder.add(std::move(prelu));
}

void selu(PatternConversion& c) {
  const auto alpha = static_cast<float>(c.match.number('a')), gamma = static_cast<float>(c.match.number('g'));
  if (alpha == 1.67326319217681884765625f && gamma == 1.05070102214813232421875f) return add(c, Kind::selu);
  add(c, Kind::elu, {number(c, 'a')});
  c.builder.add_affine(Arithmetic::multiply,
                       {.type = DataType::float32, .dims = {}, .floats = Tensor(Shape{}, {gamma}), .integers = {}});
}

bool ascends(const Match& match, const Graph&, Values&) { return match.number('a') < match.number('b'); }
bool is_symmetric(const Match& match, const Graph&, Values&) {
  return match.number('l') >= 0 && match.number('n') == -match.number('l');
}

constexpr std::array kRows = {
    PatternRow{"Max(x, 0)", relu},
    PatternRow{"Max(Min(Add(Mul(x, a), b), 1), 0) | Min(Max(Add(Mul(x, a), b), 0), 1)", hard_sigmoid},
    PatternRow{
        "Min(Max(x, a), b) | Max(Min(x, b), a) | Where(Less(b, $low), b, $low) | Where(Greater($low, b), b, $low)",
        between, ascends},
    PatternRow{"Max(x, a) | $low", at_least},
    PatternRow{"Min(x, b) | Where(Less(b, x), b, x) | Where(Greater(x, b), b, x)", at_most},
    PatternRow{"Where(Less(x, 0), Mul(x, a), x) | Where(Greater(x, 0), x, Mul(x, a))", leaky_relu},
    PatternRow{"Where(Less(x, 0), Mul(x, S), x) | Where(Greater(x, 0), x, Mul(x, S))", prelu},
    PatternRow{"Where(Less(x, 0), Mul(Sub(Exp(x), 1), a), x) | Where(Greater(x, 0), x, Mul(Sub(Exp(x), 1), a))", elu},
    PatternRow{"Where(Less(x, 0), Sub(Exp(x), 1), x) | Where(Greater(x, 0), x, Sub(Exp(x), 1))", plain_elu},
    PatternRow{"Where(Less(x, 0), Mul(Sub(Mul(Exp(x), a), a), g), Mul(x, g))", selu},
    PatternRow{"Where(Less(a, x), x, v) | Where(Greater(x, a), x, v)", thresholded},
    PatternRow{"Where(Or(Greater(x, l), Less(x, n)), x, 0)", hardshrink, is_symmetric},
    PatternRow{"Add(Where(Greater(x, l), Sub(x, l), 0), Where(Less(x, n), Add(x, l), 0)) | "
               "Add(Where(Greater(x, l), Sub(x, l), 0), Where(Less(x, n), Sub(x, n), 0))",
               softshrink, is_symmetric},
};

}  // namespace

std::span<const PatternRow> selection_patterns() noexcept { return kRows; }

}  // namespace lamina::format::onnx
