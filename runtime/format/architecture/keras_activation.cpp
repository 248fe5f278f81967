// What Keras takes as `activation` -> the activation, by the version's meaning of its name.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/keras_layers.hpp"
#include "model/activation.hpp"

#include <algorithm>
#include <cmath>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;
using model::ActivationKind;
using model::SoftmaxKind;

/// The names that have other numbers, or exist, in one of Keras 2 and 3 only.
int required_version(const KerasContext& context, const Value& value, const std::string& name) {
  if (!context.version) {
    context.source.fail(
        Errc::invalid_argument, value.at,
        base::quoted(name) + " differs between Keras 2 and Keras 3: say which (--keras 2 or --keras 3)");
  }
  return *context.version;
}

model::Op hard_sigmoid(int version) {
  return version >= 3 ? model::with_keras_defaults(ActivationKind::hardsigmoid)
                      : model::with_keras_defaults(ActivationKind::hard_sigmoid_linear);
}

model::Op leaky_relu_layer() {
  model::Activation activation{.kind = ActivationKind::leaky_relu};
  activation.parameters[0] = 0.3;
  return activation;
}

/// Those that work on a whole dimension.
std::optional<model::Op> along_axis(std::string_view name) {
  if (name == "softmax" || name == "softmax_v2") return model::Softmax{.kind = SoftmaxKind::softmax, .dims = {-1}};
  if (name == "log_softmax") return model::Softmax{.kind = SoftmaxKind::log_softmax, .dims = {-1}};
  if (name == "sparsemax") return model::Softmax{.kind = SoftmaxKind::sparsemax, .dims = {-1}};
  if (name == "glu") return model::Glu{.dim = -1};
  return {};
}

[[noreturn]] void fail_unknown(const KerasContext& context, const Value& value, const std::string& name) {
  std::vector<std::string_view> known = {"linear", "softmax", "log_softmax", "sparsemax", "glu", "hard_sigmoid"};
  for (const auto& row : model::activation_table()) {
    if (!row.keras.empty()) known.push_back(row.keras);
  }
  context.source.fail(
      Errc::unsupported_layer, value.at,
      "activation " + base::quoted(name) + " is not supported" + base::did_you_mean(name, known.data(), known.size()));
}

std::optional<model::Op> by_name(const KerasContext& context, const Value& value, const std::string& name) {
  if (name == "linear") return {};
  if (auto op = along_axis(name)) return op;
  if (name == "hard_sigmoid") return hard_sigmoid(required_version(context, value, name));
  if (name == "LeakyReLU" && required_version(context, value, name) < 3) return leaky_relu_layer();
  const model::ActivationInfo* info = model::find_keras(name);
  if (info == nullptr) fail_unknown(context, value, name);
  const model::Activation activation = model::with_keras_defaults(info->kind);
  if (std::isnan(activation.parameters[0])) {
    context.source.fail(Errc::invalid_argument, value.at,
                        "activation " + base::quoted(name) + " does not work without its arguments");
  }
  return activation;
}

/// An activation layer given as an object: LeakyReLU(0.1).
std::optional<model::Op> by_layer(const KerasContext& context, const Value& call) {
  const Callee callee = resolve(call.items[0].text, context.scope);
  if (callee.origin != Library::keras && callee.origin != Library::bare) {
    fail_unknown(context, call, call.items[0].text);
  }
  KerasOps ops = keras_ops(context, callee.name, call, {});
  const bool is_activation = std::holds_alternative<model::Activation>(ops.op) ||
                             std::holds_alternative<model::Softmax>(ops.op) ||
                             std::holds_alternative<model::Glu>(ops.op);
  if (!is_activation) {
    context.source.fail(Errc::unsupported_feature, call.at,
                        base::quoted(callee.name) + " cannot be read as an activation: make it a layer of its own");
  }
  return std::move(ops.op);
}

}  // namespace

std::optional<model::Op> keras_activation(const KerasContext& context, const Value& value) {
  if (value.is(Kind::none)) return {};
  if (value.is(Kind::string)) return by_name(context, value, value.text);
  if (value.is(Kind::call) && value.items[0].is(Kind::name)) return by_layer(context, value);
  if (value.is(Kind::name)) {
    const Callee callee = resolve(value.text, context.scope);
    if (callee.origin != Library::unknown) return by_name(context, value, callee.name);
  }
  context.source.fail(Errc::malformed, value.at, "expected an activation such as 'relu', got " + describe(value));
}

}  // namespace lamina::format::architecture
