// An activation by the framework's name -> the kernel's function and parameters.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "plan/lower.hpp"

#include <limits>

namespace lamina::plan {

LoweredActivation lower_activation(const model::Activation& activation) {
  using kernel::Unary;
  using model::ActivationKind;
  const auto p = [&](std::size_t i) { return static_cast<float>(activation.parameters[i]); };
  constexpr double kSeluScale = 1.0507009873554804934193349852946;
  constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
  switch (activation.kind) {
    case ActivationKind::relu:
      return {Unary::relu, {}};
    case ActivationKind::relu6:
      return {Unary::clamp, {0.0f, 6.0f}};
    case ActivationKind::leaky_relu:
      return {Unary::leaky_relu, {p(0)}};
    case ActivationKind::rrelu:
      return {Unary::leaky_relu, {static_cast<float>((activation.parameters[0] + activation.parameters[1]) / 2)}};
    case ActivationKind::elu:
      return {Unary::elu, {p(0)}};
    case ActivationKind::selu:
      return {Unary::selu, {static_cast<float>(kSeluScale), static_cast<float>(kSeluAlpha)}};
    case ActivationKind::celu:
      return {Unary::celu, {p(0)}};
    case ActivationKind::gelu:
      return {activation.parameters[0] == 0 ? Unary::gelu : Unary::gelu_tanh, {}};
    case ActivationKind::sigmoid:
      return {Unary::sigmoid, {}};
    case ActivationKind::tanh:
      return {Unary::tanh, {}};
    case ActivationKind::silu:
      return {Unary::silu, {}};
    case ActivationKind::mish:
      return {Unary::mish, {}};
    case ActivationKind::softplus:
      return {Unary::softplus, {p(0), p(1)}};
    case ActivationKind::softsign:
      return {Unary::softsign, {}};
    case ActivationKind::log_sigmoid:
      return {Unary::log_sigmoid, {}};
    case ActivationKind::hardtanh:
      return {Unary::clamp, {p(0), p(1)}};
    case ActivationKind::hardsigmoid:
      return {Unary::hardsigmoid, {}};
    case ActivationKind::hardswish:
      return {Unary::hardswish, {}};
    case ActivationKind::hardshrink:
      return {Unary::hardshrink, {p(0)}};
    case ActivationKind::softshrink:
      return {Unary::softshrink, {p(0)}};
    case ActivationKind::tanhshrink:
      return {Unary::tanhshrink, {}};
    case ActivationKind::threshold:
      return {Unary::threshold, {p(0), p(1)}};
    case ActivationKind::keras_relu:
      return {Unary::keras_relu, {p(0), p(1), p(2)}};
    case ActivationKind::exponential:
      return {Unary::exp, {}};
    case ActivationKind::squareplus:
      return {Unary::squareplus, {p(0)}};
    case ActivationKind::sparse_plus:
      return {Unary::sparse_plus, {}};
    case ActivationKind::sparse_sigmoid:
      return {Unary::sparse_sigmoid, {}};
    case ActivationKind::hard_sigmoid_linear:
      return {Unary::hard_sigmoid_linear, {p(0), p(1)}};
    case ActivationKind::count_:
      break;
  }
  base::fail(Errc::internal, "an activation without a kernel");
}

}  // namespace lamina::plan
