// Smooth activations as exporters write them where the opset has no operator for them.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/attributes.hpp"
#include "format/onnx/pattern.hpp"

#include <array>
#include <cmath>

namespace lamina::format::onnx {
namespace {

using Kind = model::ActivationKind;

void add(PatternConversion& c, Kind kind, std::array<double, 3> parameters = {}) {
  c.builder.add_elementwise(model::Activation{.kind = kind, .parameters = parameters});
}

template <Kind kKind>
void plain(PatternConversion& c) {
  add(c, kKind);
}

void softplus(PatternConversion& c) { add(c, Kind::softplus, {1, 20}); }
void gelu(PatternConversion& c) { add(c, Kind::gelu, {0}); }
void gelu_tanh(PatternConversion& c) { add(c, Kind::gelu, {1}); }

/// x sigmoid(a x) = SiLU(a x) / a.
void swish(PatternConversion& c) {
  const double a = c.match.number('a');
  if (a == 1) return add(c, Kind::silu);
  const Constant constant{
      .type = DataType::float32, .dims = {}, .floats = Tensor(Shape{}, {static_cast<float>(a)}), .integers = {}};
  c.builder.add_affine(Arithmetic::multiply, constant);
  add(c, Kind::silu);
  c.builder.add_affine(Arithmetic::divide, constant);
}
bool scales(const Match& match, const Graph&, Values&) { return match.number('a') != 0; }

void glu(PatternConversion& c) {
  Attributes attributes(c.graph.node(c.match.nodes[0]));
  RowView view = c.builder.view();
  const std::size_t index = view.feature_index(attributes.integer("axis", 0));
  c.builder.add(model::Glu{.dim = static_cast<std::int64_t>(index) + 1});
  view.row[index] = view.row[index] < 0 ? -1 : view.row[index] / 2;
  c.builder.set_row(view.row);
}

/// One Split into two equal halves, whose first is gated by the second.
bool halves(const Match& match, const Graph& graph, Values& values) {
  if (match.nodes[0] != match.nodes[1]) return false;
  const Node& split = graph.node(match.nodes[0]);
  Attributes attributes(split);
  std::vector<std::int64_t> sizes = attributes.integers("split");
  if (split.input(1) != kNone) sizes = values.constant(split.input(1)).integers;
  if (attributes.integer("num_outputs", 2) != 2) return false;
  return split.outputs.size() == 2 && (sizes.empty() || (sizes.size() == 2 && sizes[0] == sizes[1]));
}

bool is_hardsigmoid(const Match& match, const Graph& graph, Values&) {
  Attributes attributes(graph.node(match.nodes[0]));
  return std::fabs(attributes.number("alpha", 0.2) - 1.0 / 6) < 1e-7 && attributes.number("beta", 0.5) == 0.5;
}

bool clips_to_six(const Match& match, const Graph& graph, Values& values) {
  const Node& clip = graph.node(match.nodes[0]);
  Attributes attributes(clip);
  const auto bound = [&](std::string_view name, std::size_t index) {
    return clip.input(index) == kNone ? attributes.number(name, NAN) : values.scalar(clip.input(index)).value_or(NAN);
  };
  return bound("min", 1) == 0 && bound("max", 2) == 6;
}

constexpr std::array kRows = {
    PatternRow{"Mul(x, Sigmoid(x))", plain<Kind::silu>},
    PatternRow{"Mul(x, Sigmoid(Mul(x, a)))", swish, scales},
    PatternRow{"Mul(x, Tanh($softplus))", plain<Kind::mish>},
    PatternRow{"Log(Add(Exp(x), 1))", softplus},
    PatternRow{"Log(Sigmoid(x))", plain<Kind::log_sigmoid>},
    PatternRow{"Div(x, Add(Abs(x), 1))", plain<Kind::softsign>},
    PatternRow{"Sub(x, Tanh(x))", plain<Kind::tanhshrink>},
    PatternRow{"Mul(x, HardSigmoid!(x))", plain<Kind::hardswish>, is_hardsigmoid},
    PatternRow{"Div(Mul(x, Clip!(Add(x, 3))), 6) | Mul(x, Div(Clip!(Add(x, 3)), 6)) | "
               "Mul(Mul(x, Clip!(Add(x, 3))), 0.16666667) | Mul(x, Mul(Clip!(Add(x, 3)), 0.16666667))",
               plain<Kind::hardswish>, clips_to_six},
    PatternRow{"Mul(Mul(x, $phi), 0.5) | Mul(Mul(x, 0.5), $phi) | Mul(x, Mul($phi, 0.5)) | Div(Mul(x, $phi), 2)", gelu},
    PatternRow{"Mul(Mul(x, $tau), 0.5) | Mul(Mul(x, 0.5), $tau) | Mul(x, Mul($tau, 0.5)) | Div(Mul(x, $tau), 2)",
               gelu_tanh},
    PatternRow{"Mul(Split.0!(x), Sigmoid(Split.1!(x)))", glu, halves},
};

constexpr std::array kParts = {
    PatternPart{"softplus", "Softplus(x) | Log(Add(Exp(x), 1))"},
    // 1 + erf(x / sqrt 2), twice the normal distribution.
    PatternPart{"phi", "Add(Erf(Div(x, 1.4142135)), 1) | Add(Erf(Mul(x, 0.70710677)), 1)"},
    PatternPart{"cube", "Pow(x, 3) | Mul(x, Mul(x, x))"},
    PatternPart{"scaled_cube",
                "Mul($cube, 0.044715) | Mul(x, Mul(x, Mul(x, 0.044715))) | Mul(x, Mul(Mul(x, x), 0.044715))"},
    // 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)).
    PatternPart{"tau",
                "Add(Tanh(Mul(Add(x, $scaled_cube), 0.7978846)), 1) | "
                "Add(Tanh(Mul(Mul(x, 0.7978846), Add(Mul(Mul(x, x), 0.044715), 1))), 1)"},
    // Of selection_patterns() and normalization_patterns().
    PatternPart{"low", "Where(Less(x, a), a, x) | Where(Greater(a, x), a, x)"},
    PatternPart{"deviation", "Sub(x, ReduceMean!(x))"},
    PatternPart{"variance",
                "ReduceMean!(Pow($deviation, 2)) | ReduceMean!(Mul($deviation, $deviation)) | "
                "Sub(ReduceMean!(Mul(x, x)), Mul(ReduceMean!(x), ReduceMean!(x)))"},
    PatternPart{"normal",
                "Div($deviation, Sqrt(Add($variance, e))) | "
                "Mul($deviation, Reciprocal(Sqrt(Add($variance, e))))"},
    PatternPart{"exponentials", "Exp(Sub(x, ReduceMax!(x)))"},
};

}  // namespace

std::span<const PatternRow> activation_patterns() noexcept { return kRows; }
std::span<const PatternPart> pattern_parts() noexcept { return kParts; }

}  // namespace lamina::format::onnx
