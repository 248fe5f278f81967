// The table of activations: names in PyTorch and Keras, parameters, defaults.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace lamina::model {
namespace {

using Kind = ActivationKind;

constexpr double kRequired = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The Keras default is that of the string ("leaky_relu" is 0.2; the layer LeakyReLU has 0.3).
constexpr ParameterInfo kLeakyRelu[] = {{"negative_slope", 0.01, 0.2, {}}};
constexpr ParameterInfo kRrelu[] = {{"lower", 1.0 / 8, 1.0 / 8, {}}, {"upper", 1.0 / 3, 1.0 / 3, {}}};
constexpr ParameterInfo kAlpha[] = {{"alpha", 1.0, 1.0, {}}};
constexpr ParameterInfo kGelu[] = {{"approximate", 0.0, 0.0, {}}};
constexpr ParameterInfo kSoftplus[] = {{"beta", 1.0, 1.0, {}}, {"threshold", 20.0, 20.0, {}}};
constexpr ParameterInfo kHardtanh[] = {{"min_val", -1.0, -1.0, {}}, {"max_val", 1.0, 1.0, {}}};
constexpr ParameterInfo kLambd[] = {{"lambd", 0.5, 0.5, "threshold"}};
constexpr ParameterInfo kThreshold[] = {{"threshold", kRequired, kRequired, {}},
                                        {"value", kRequired, kRequired, "default_value"}};
constexpr ParameterInfo kKerasRelu[] = {
    {"max_value", kInfinity, kInfinity, {}}, {"negative_slope", 0.0, 0.0, {}}, {"threshold", 0.0, 0.0, {}}};
constexpr ParameterInfo kSquareplus[] = {{"b", 4.0, 4.0, {}}};
constexpr ParameterInfo kHardSigmoidLinear[] = {{"alpha", 0.2, 0.2, {}}, {"beta", 0.5, 0.5, {}}};

// kind, module, functional, keras, in_torch, has_inplace, takes_inplace, parameters; in the order of the kinds.
// The two hard sigmoids have no Keras name: "hard_sigmoid" is one of them in Keras 2 and the other in Keras 3.
constexpr std::array<ActivationInfo, kActivationCount> kTable = {{
    {Kind::relu, "ReLU", "relu", "relu", true, true, true, {}},
    {Kind::relu6, "ReLU6", "relu6", "relu6", true, true, true, {}},
    {Kind::leaky_relu, "LeakyReLU", "leaky_relu", "leaky_relu", true, true, true, kLeakyRelu},
    {Kind::rrelu, "RReLU", "rrelu", {}, true, true, true, kRrelu},
    {Kind::elu, "ELU", "elu", "elu", true, true, true, kAlpha},
    {Kind::selu, "SELU", "selu", "selu", true, true, true, {}},
    {Kind::celu, "CELU", "celu", "celu", true, true, true, kAlpha},
    {Kind::gelu, "GELU", "gelu", "gelu", true, false, false, kGelu},
    {Kind::sigmoid, "Sigmoid", "sigmoid", "sigmoid", true, false, false, {}},
    {Kind::tanh, "Tanh", "tanh", "tanh", true, false, false, {}},
    {Kind::silu, "SiLU", "silu", "silu", true, true, true, {}},
    {Kind::mish, "Mish", "mish", "mish", true, true, true, {}},
    {Kind::softplus, "Softplus", "softplus", "softplus", true, false, false, kSoftplus},
    {Kind::softsign, "Softsign", "softsign", "softsign", true, false, false, {}},
    {Kind::log_sigmoid, "LogSigmoid", "logsigmoid", "log_sigmoid", true, false, false, {}},
    {Kind::hardtanh, "Hardtanh", "hardtanh", "hard_tanh", true, true, true, kHardtanh},
    {Kind::hardsigmoid, "Hardsigmoid", "hardsigmoid", {}, true, false, true, {}},
    {Kind::hardswish, "Hardswish", "hardswish", "hard_silu", true, false, true, {}},
    {Kind::hardshrink, "Hardshrink", "hardshrink", "hard_shrink", true, false, false, kLambd},
    {Kind::softshrink, "Softshrink", "softshrink", "soft_shrink", true, false, false, kLambd},
    {Kind::tanhshrink, "Tanhshrink", "tanhshrink", "tanh_shrink", true, false, false, {}},
    {Kind::threshold, "Threshold", "threshold", "threshold", true, true, true, kThreshold},
    {Kind::keras_relu, "KerasReLU", "keras_relu", {}, false, false, false, kKerasRelu},
    {Kind::exponential, "Exponential", "exponential", "exponential", false, false, false, {}},
    {Kind::squareplus, "Squareplus", "squareplus", "squareplus", false, false, false, kSquareplus},
    {Kind::sparse_plus, "SparsePlus", "sparse_plus", "sparse_plus", false, false, false, {}},
    {Kind::sparse_sigmoid, "SparseSigmoid", "sparse_sigmoid", "sparse_sigmoid", false, false, false, {}},
    {Kind::hard_sigmoid_linear,
     "HardSigmoidLinear",
     "hard_sigmoid_linear",
     {},
     false,
     false,
     false,
     kHardSigmoidLinear},
}};

constexpr bool in_order_of_kinds() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].kind != static_cast<Kind>(i)) return false;
  }
  return true;
}
static_assert(in_order_of_kinds(), "info() indexes the table by kind");

const ActivationInfo* find(std::string_view name, std::string_view ActivationInfo::*field) noexcept {
  if (name.empty()) return nullptr;
  const auto* found = std::find_if(kTable.begin(), kTable.end(), [&](const auto& row) { return row.*field == name; });
  return found == kTable.end() ? nullptr : found;
}

Activation with_defaults(Kind kind, double ParameterInfo::*field) {
  Activation activation{.kind = kind};
  const auto parameters = info(kind).parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) activation.parameters[i] = parameters[i].*field;
  return activation;
}

}  // namespace

std::span<const ActivationInfo> activation_table() noexcept { return kTable; }

const ActivationInfo& info(Kind kind) noexcept { return kTable[static_cast<std::size_t>(kind)]; }

const ActivationInfo* find_module(std::string_view torch_module) noexcept {
  return find(torch_module, &ActivationInfo::module);
}

const ActivationInfo* find_functional(std::string_view function) noexcept {
  return find(function, &ActivationInfo::functional);
}

const ActivationInfo* find_keras(std::string_view name) noexcept {
  if (name == "swish") name = "silu";
  if (name == "hard_swish") name = "hard_silu";
  return find(name, &ActivationInfo::keras);
}

Activation with_torch_defaults(Kind kind) { return with_defaults(kind, &ParameterInfo::torch_default); }

Activation with_keras_defaults(Kind kind) { return with_defaults(kind, &ParameterInfo::keras_default); }

}  // namespace lamina::model
