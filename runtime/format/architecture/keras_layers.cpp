// The table of Keras's layer constructors: arguments by name, those without effect at inference among them.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_layers.hpp"

#include "base/fail.hpp"
#include "format/architecture/keras_norm.hpp"
#include "format/architecture/keras_shape.hpp"
#include "model/activation.hpp"

#include <algorithm>

namespace lamina::format::architecture {
namespace {

using model::ActivationKind;
using model::DropoutKind;

// The arguments in order; Keras 1's other names for them at the end.
constexpr std::string_view kDense[] = {"units",
                                       "activation",
                                       "use_bias",
                                       "kernel_initializer",
                                       "bias_initializer",
                                       "kernel_regularizer",
                                       "bias_regularizer",
                                       "activity_regularizer",
                                       "kernel_constraint",
                                       "bias_constraint",
                                       "lora_rank",
                                       "lora_alpha",
                                       "quantization_config",
                                       "output_dim",
                                       "bias",
                                       "init",
                                       "W_regularizer",
                                       "b_regularizer",
                                       "W_constraint",
                                       "b_constraint",
                                       "weights"};
constexpr std::string_view kActivation[] = {"activation"};
constexpr std::string_view kRelu[] = {"max_value", "negative_slope", "threshold"};
constexpr std::string_view kLeakyRelu[] = {"negative_slope", "alpha"};
constexpr std::string_view kPrelu[] = {
    "alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes", "init", "weights"};
constexpr std::string_view kElu[] = {"alpha"};
constexpr std::string_view kThresholdedRelu[] = {"theta"};
constexpr std::string_view kAxis[] = {"axis"};
constexpr std::string_view kDropout[] = {"rate", "noise_shape", "seed", "p"};
constexpr std::string_view kSpatialDropout[] = {"rate", "data_format", "seed", "noise_shape", "p", "dim_ordering"};
constexpr std::string_view kNoise[] = {"stddev", "seed", "sigma"};
constexpr std::string_view kRegularization[] = {"l1", "l2"};
constexpr std::string_view kFlatten[] = {"data_format"};
constexpr std::string_view kReshape[] = {"target_shape"};

/// Of every layer; none changes an answer but dtype, which is checked.
constexpr std::string_view kCommon[] = {"name",      "trainable",           "dtype",       "input_shape",
                                        "input_dim", "batch_size",          "input_dtype", "batch_input_shape",
                                        "autocast",  "activity_regularizer"};

model::Op with_parameters(ActivationKind kind, std::array<double, 3> parameters) {
  return model::Activation{.kind = kind, .parameters = parameters};
}

KerasOps dense(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  if (a.has("quantization_config")) a.fail(Errc::unsupported_feature, "quantization_config", "quantized weights");
  const bool keras1 = a.find("units") == nullptr && a.has("output_dim");
  model::Linear linear;
  linear.out_features = a.integer(keras1 ? "output_dim" : "units");
  linear.has_bias = a.boolean("use_bias", a.boolean("bias", true));
  linear.in_features = last_dimension(layer);
  const Value* activation = a.find("activation");
  return {linear, activation == nullptr ? std::nullopt : keras_activation(layer.context, *activation)};
}

KerasOps activation(const KerasLayerCall& layer) {
  const Value* value = layer.arguments.find("activation");
  if (value == nullptr) layer.arguments.fail(Errc::malformed, "activation", "is missing");
  auto op = keras_activation(layer.context, *value);
  return {op ? std::move(*op) : model::Op(model::Identity{}), {}};
}

KerasOps relu(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  model::Activation relu = model::with_keras_defaults(ActivationKind::keras_relu);
  const model::Activation plain = relu;
  if (a.has("max_value")) relu.parameters[0] = a.real("max_value");
  if (a.has("negative_slope")) relu.parameters[1] = a.real("negative_slope");
  if (a.has("threshold")) relu.parameters[2] = a.real("threshold");
  if (relu == plain) return {model::Activation{.kind = ActivationKind::relu}, {}};
  return {relu, {}};
}

KerasOps leaky_relu(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  const double slope = a.real("negative_slope", a.real("alpha", 0.3));
  return {with_parameters(ActivationKind::leaky_relu, {slope}), {}};
}

KerasOps elu(const KerasLayerCall& layer) {
  return {with_parameters(ActivationKind::elu, {layer.arguments.real("alpha", 1.0)}), {}};
}

KerasOps thresholded_relu(const KerasLayerCall& layer) {
  return {with_parameters(ActivationKind::threshold, {layer.arguments.real("theta", 1.0), 0.0}), {}};
}

KerasOps softmax(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  const bool given = a.has("axis");
  return {model::Softmax{.dims = given ? a.integers("axis", true) : std::vector<std::int64_t>{-1}}, {}};
}

template <DropoutKind kind>
KerasOps dropout(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  const bool keras1 = a.find("rate") == nullptr && a.has("p");
  return {model::Dropout{.kind = kind, .p = a.real(keras1 ? "p" : "rate")}, {}};
}

KerasOps gaussian_noise(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  const bool keras1 = a.find("stddev") == nullptr && a.has("sigma");
  return {model::Dropout{.kind = DropoutKind::gaussian_noise, .p = a.real(keras1 ? "sigma" : "stddev")}, {}};
}

KerasOps activity_regularization(const KerasLayerCall&) {
  return {model::Dropout{.kind = DropoutKind::activity_regularization, .p = 0}, {}};
}

KerasOps identity(const KerasLayerCall&) { return {model::Identity{}, {}}; }

KerasOps flatten(const KerasLayerCall& layer) {
  const Arguments& a = layer.arguments;
  if (a.has("data_format") && a.string("data_format") != "channels_last" && (!layer.input || layer.input->size() > 1)) {
    a.fail(Errc::unsupported_feature, "data_format", "only channels_last is read");
  }
  return {model::Flatten{}, {}};
}

KerasOps reshape(const KerasLayerCall& layer) {
  return {model::Reshape{.target = layer.arguments.integers("target_shape", false)}, {}};
}

struct Constructor {
  std::string_view name;
  ParameterNames parameters;
  KerasOps (*build)(const KerasLayerCall&);
};

constexpr Constructor kConstructors[] = {
    {"Dense", kDense, dense},
    {"Activation", kActivation, activation},
    {"ReLU", kRelu, relu},
    {"LeakyReLU", kLeakyRelu, leaky_relu},
    {"PReLU", kPrelu, keras_prelu},
    {"ELU", kElu, elu},
    {"ThresholdedReLU", kThresholdedRelu, thresholded_relu},
    {"Softmax", kAxis, softmax},
    {"BatchNormalization", kKerasBatchNorm, keras_batch_norm},
    {"LayerNormalization", kKerasLayerNorm, keras_layer_norm},
    {"Normalization", kKerasNormalization, keras_normalization},
    {"UnitNormalization", kAxis, keras_unit_norm},
    {"Rescaling", kKerasRescaling, keras_rescaling},
    {"Dropout", kDropout, dropout<DropoutKind::dropout>},
    {"AlphaDropout", kDropout, dropout<DropoutKind::alpha_dropout>},
    {"GaussianDropout", kDropout, dropout<DropoutKind::gaussian_dropout>},
    {"GaussianNoise", kNoise, gaussian_noise},
    {"SpatialDropout1D", kSpatialDropout, dropout<DropoutKind::spatial_dropout1d>},
    {"SpatialDropout2D", kSpatialDropout, dropout<DropoutKind::spatial_dropout2d>},
    {"SpatialDropout3D", kSpatialDropout, dropout<DropoutKind::spatial_dropout3d>},
    {"ActivityRegularization", kRegularization, activity_regularization},
    {"Identity", {}, identity},
    {"Flatten", kFlatten, flatten},
    {"Reshape", kReshape, reshape},
};

const Constructor* find_constructor(std::string_view name) noexcept {
  const auto* end = std::end(kConstructors);
  const auto* found = std::find_if(kConstructors, end, [&](const Constructor& c) { return c.name == name; });
  return found == end ? nullptr : found;
}

std::vector<std::string_view> argument_names(const Constructor& constructor) {
  std::vector<std::string_view> names(constructor.parameters.begin(), constructor.parameters.end());
  for (const std::string_view common : kCommon) {
    if (std::find(names.begin(), names.end(), common) == names.end()) names.push_back(common);
  }
  return names;
}

/// Weights of 16 or 8 bits would give other answers than the ones that the model was saved with.
void check_dtype(const Arguments& a) {
  const Value* dtype = a.find("dtype");
  if (dtype == nullptr || !(dtype->is(Value::Kind::string) || dtype->is(Value::Kind::name))) return;
  const std::string name = dtype->text.substr(dtype->text.rfind('.') + 1);
  if (name != "float32" && name != "float64") {
    a.fail(Errc::unsupported_feature, "dtype", "expected float32, got " + base::quoted(name));
  }
}

}  // namespace

KerasOps keras_ops(const KerasContext& context, const std::string& class_name, const Value& call,
                   const std::optional<Shape>& input) {
  const Constructor* constructor = find_constructor(class_name);
  if (constructor == nullptr) fail_unknown_keras_layer(context.source, call.at, class_name);
  const std::vector<std::string_view> names = argument_names(*constructor);
  const Arguments arguments(context.source, class_name, call, names);
  check_dtype(arguments);
  return constructor->build({context, arguments, input});
}

bool keras_has_argument(std::string_view class_name, std::string_view argument) {
  const Constructor* constructor = find_constructor(class_name);
  if (constructor == nullptr) return true;
  const std::vector<std::string_view> names = argument_names(*constructor);
  return std::find(names.begin(), names.end(), argument) != names.end();
}

bool is_keras_layer(std::string_view class_name) noexcept { return find_constructor(class_name) != nullptr; }

void fail_unknown_keras_layer(const Source& source, std::size_t at, std::string_view name) {
  std::vector<std::string_view> known = {"Sequential", "Input", "InputLayer"};
  for (const Constructor& constructor : kConstructors) known.push_back(constructor.name);
  source.fail(
      Errc::unsupported_layer, at,
      "layer " + base::quoted(name) + " is not supported" + base::did_you_mean(name, known.data(), known.size()));
}

}  // namespace lamina::format::architecture
