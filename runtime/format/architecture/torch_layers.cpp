// The table of torch's layer constructors.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/torch_layers.hpp"

#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "model/infer.hpp"

#include <algorithm>
#include <limits>

namespace lamina::format::architecture {
namespace {

using model::DropoutKind;
using model::SoftmaxKind;

/// Affine tensors are created here, before any file says that it has them; rows are never near this large.
constexpr std::size_t kMaxAffineElements = std::size_t{1} << 24;

constexpr std::string_view kLinear[] = {"in_features", "out_features", "bias", "device", "dtype"};
constexpr std::string_view kPrelu[] = {"num_parameters", "init", "device", "dtype", "alpha_shape"};
constexpr std::string_view kDim[] = {"dim"};
constexpr std::string_view kBatchNorm[] = {"num_features", "eps",   "momentum", "affine", "track_running_stats",
                                           "device",       "dtype", "axis",     "scale",  "center"};
constexpr std::string_view kLayerNorm[] = {
    "normalized_shape", "eps", "elementwise_affine", "bias", "device", "dtype", "scale", "center"};
constexpr std::string_view kDropout[] = {"p", "inplace"};
constexpr std::string_view kFlatten[] = {"start_dim", "end_dim"};
constexpr std::string_view kReshape[] = {"target"};
constexpr std::string_view kAffine[] = {"shift", "scale", "offset", "divide"};

model::Op linear(const Arguments& a) {
  model::Linear layer;
  layer.in_features = a.integer("in_features");
  layer.out_features = a.integer("out_features");
  layer.has_bias = a.boolean("bias", true);
  return layer;
}

model::Op prelu(const Arguments& a) {
  model::PReLU layer;
  layer.num_parameters = a.integer("num_parameters", 1);
  layer.init = a.real("init", 0.25);
  layer.per_position = a.has("alpha_shape");
  if (layer.per_position) layer.alpha_shape = a.integers("alpha_shape", false);
  return layer;
}

template <SoftmaxKind kind>
model::Op softmax(const Arguments& a) {
  return model::Softmax{.kind = kind, .dims = softmax_dims(a)};
}
model::Op softmax2d(const Arguments&) { return model::Softmax{.kind = SoftmaxKind::softmax2d, .dims = {}}; }
model::Op sparsemax(const Arguments& a) {
  if (a.find("dim") == nullptr) return model::Softmax{.kind = SoftmaxKind::sparsemax, .dims = {-1}};
  return softmax<SoftmaxKind::sparsemax>(a);
}

model::Op glu(const Arguments& a) { return model::Glu{.dim = a.integer("dim", -1)}; }

model::Op batch_norm(const Arguments& a) {
  if (!a.boolean("track_running_stats", true)) {
    a.fail(Errc::unsupported_feature, "track_running_stats",
           "False normalises each batch by itself, so that a row's answer depends on its neighbours");
  }
  const bool affine = a.boolean("affine", true);
  const bool no_momentum = a.find("momentum") != nullptr && !a.has("momentum");
  model::BatchNorm layer;
  layer.num_features = a.integer("num_features");
  layer.eps = a.real("eps", layer.eps);
  layer.momentum = no_momentum ? std::numeric_limits<double>::quiet_NaN() : a.real("momentum", layer.momentum);
  layer.has_weight = a.boolean("scale", affine);
  layer.has_bias = a.boolean("center", affine);
  layer.axis = a.integer("axis", 1);
  return layer;
}

model::Op layer_norm(const Arguments& a) {
  const bool affine = a.boolean("elementwise_affine", true);
  model::LayerNorm layer;
  layer.normalized_shape = a.integers("normalized_shape", true);
  layer.eps = a.real("eps", layer.eps);
  layer.has_weight = a.boolean("scale", affine);
  layer.has_bias = a.boolean("center", affine && a.boolean("bias", true));
  return layer;
}

template <DropoutKind kind>
model::Op dropout(const Arguments& a) {
  return model::Dropout{.kind = kind, .p = a.real("p", 0.5), .inplace = a.boolean("inplace", false)};
}

model::Op identity(const Arguments&) { return model::Identity{}; }
model::Op flatten(const Arguments& a) {
  return model::Flatten{.start_dim = a.integer("start_dim", 1), .end_dim = a.integer("end_dim", -1)};
}
model::Op reshape(const Arguments& a) { return model::Reshape{.target = a.integers("target", true)}; }
model::Op unit_norm(const Arguments&) { return model::UnitNorm{}; }

/// A tensor of zeros that the file's own takes the place of.
Tensor placeholder(const TorchContext& context, const Arguments& a, std::string_view name) {
  if (!a.has(name)) return {};
  const Shape shape = a.integers(name, false);
  if (shape.size() > 8) a.fail(Errc::limit_exceeded, name, "expected at most 8 dimensions");
  std::size_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || static_cast<std::uint64_t>(size) > (kMaxAffineElements - *context.affine_elements) / count) {
      a.fail(Errc::limit_exceeded, name,
             "expected sizes from 1 and at most " + std::to_string(kMaxAffineElements) + " numbers in all");
    }
    count *= static_cast<std::size_t>(size);
  }
  *context.affine_elements += count;
  return Tensor(shape);
}

model::Op affine(const TorchContext& context, const Arguments& a) {
  model::Affine layer;
  layer.shift = placeholder(context, a, "shift");
  layer.scale = placeholder(context, a, "scale");
  layer.offset = placeholder(context, a, "offset");
  layer.divide = a.boolean("divide", false);
  return layer;
}

struct Constructor {
  std::string_view name;
  ParameterNames parameters;
  model::Op (*build)(const Arguments&);
};

constexpr Constructor kConstructors[] = {
    {"Linear", kLinear, linear},
    {"PReLU", kPrelu, prelu},
    {"Softmax", kDim, softmax<SoftmaxKind::softmax>},
    {"LogSoftmax", kDim, softmax<SoftmaxKind::log_softmax>},
    {"Softmin", kDim, softmax<SoftmaxKind::softmin>},
    {"Softmax2d", {}, softmax2d},
    {"Sparsemax", kDim, sparsemax},
    {"GLU", kDim, glu},
    {"BatchNorm1d", kBatchNorm, batch_norm},
    {"LayerNorm", kLayerNorm, layer_norm},
    {"Dropout", kDropout, dropout<DropoutKind::dropout>},
    {"Dropout1d", kDropout, dropout<DropoutKind::dropout1d>},
    {"Dropout2d", kDropout, dropout<DropoutKind::dropout2d>},
    {"Dropout3d", kDropout, dropout<DropoutKind::dropout3d>},
    {"AlphaDropout", kDropout, dropout<DropoutKind::alpha_dropout>},
    {"FeatureAlphaDropout", kDropout, dropout<DropoutKind::feature_alpha_dropout>},
    {"GaussianDropout", kDropout, dropout<DropoutKind::gaussian_dropout>},
    {"GaussianNoise", kDropout, dropout<DropoutKind::gaussian_noise>},
    {"SpatialDropout1D", kDropout, dropout<DropoutKind::spatial_dropout1d>},
    {"SpatialDropout2D", kDropout, dropout<DropoutKind::spatial_dropout2d>},
    {"SpatialDropout3D", kDropout, dropout<DropoutKind::spatial_dropout3d>},
    {"ActivityRegularization", kDropout, dropout<DropoutKind::activity_regularization>},
    {"Flatten", kFlatten, flatten},
    {"Reshape", kReshape, reshape},
    {"UnitNorm", {}, unit_norm},
};

const Constructor* find_constructor(std::string_view name) noexcept {
  const auto* end = std::end(kConstructors);
  const auto* found = std::find_if(kConstructors, end, [&](const Constructor& c) { return c.name == name; });
  return found == end ? nullptr : found;
}

/// nn.Identity takes any arguments and ignores them.
model::Op build(const TorchContext& context, const std::string& name, const Value& call) {
  const Source& source = context.source;
  if (name == "Affine") return affine(context, Arguments(source, name, call, kAffine));
  if (name == "Identity") return identity(Arguments(source, name, call, {}, call.items.size()));
  if (const auto* activation = model::find_module(name)) return torch_activation(source, *activation, name, call, 1);
  const Constructor* constructor = find_constructor(name);
  if (constructor == nullptr) fail_unknown_layer(source, call.at, name);
  return constructor->build(Arguments(source, name, call, constructor->parameters));
}

}  // namespace

bool is_torch_layer(std::string_view name) noexcept {
  return name == "Sequential" || name == "Identity" || name == "Affine" || model::find_module(name) != nullptr ||
         find_constructor(name) != nullptr;
}

bool is_torch_layer(const std::string& dotted, const Scope& scope) {
  const Callee callee = resolve(dotted, scope);
  return (callee.origin == Library::bare || callee.origin == Library::torch_nn) && is_torch_layer(callee.name);
}

model::Op torch_op(const TorchContext& context, const Value& call, std::size_t nesting) {
  if (!call.is(Value::Kind::call) || !call.items.front().is(Value::Kind::name)) {
    context.source.fail(Errc::malformed, call.at,
                        "expected a layer such as nn.Linear(784, 128), got " + describe(call));
  }
  const Callee callee = resolve(call.items.front().text, context.scope);
  if (callee.origin != Library::bare && callee.origin != Library::torch_nn) {
    fail_unknown_layer(context.source, call.at, call.items.front().text);
  }
  model::Layer layer;
  if (callee.name == "Sequential") {
    layer.op = model::Sequential{torch_layers(context, call, nesting)};
  } else {
    layer.op = build(context, callee.name, call);
    layer.name = callee.name;
    validate_at(context.source, call.at, layer);
  }
  return std::move(layer.op);
}

model::Activation torch_activation(const Source& source, const model::ActivationInfo& info, std::string_view callee,
                                   const Value& call, std::size_t first) {
  std::vector<std::string_view> names;
  for (const auto& parameter : info.parameters) names.push_back(parameter.name);
  if (info.takes_inplace) names.emplace_back("inplace");
  const Arguments a(source, callee, call, names, first);
  model::Activation activation = model::with_torch_defaults(info.kind);
  if (info.kind == model::ActivationKind::gelu) {
    const std::string approximate = a.string("approximate", "none");
    if (approximate != "none" && approximate != "tanh") {
      a.fail(Errc::invalid_argument, "approximate", "expected 'none' or 'tanh', got " + base::quoted(approximate));
    }
    activation.parameters[0] = approximate == "tanh" ? 1 : 0;
    return activation;
  }
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const bool must = activation.parameters[i] != activation.parameters[i];  // no default is NaN
    const std::string_view name = info.parameters[i].name;
    activation.parameters[i] = must ? a.real(name) : a.real(name, activation.parameters[i]);
  }
  if (info.takes_inplace) activation.inplace = a.boolean("inplace", false);
  return activation;
}

std::vector<std::int64_t> softmax_dims(const Arguments& arguments) {
  return arguments.has("dim") ? arguments.integers("dim", true) : std::vector<std::int64_t>();
}

void fail_unknown_layer(const Source& source, std::size_t at, std::string_view name) {
  std::vector<std::string_view> known = {"Sequential", "Identity", "Affine"};
  for (const Constructor& constructor : kConstructors) known.push_back(constructor.name);
  for (const auto& row : model::activation_table()) known.push_back(row.module);
  source.fail(
      Errc::unsupported_layer, at,
      "layer " + base::quoted(name) + " is not supported" + base::did_you_mean(name, known.data(), known.size()));
}

void validate_at(const Source& source, std::size_t at, const model::Layer& layer) {
  try {
    model::validate(layer);
  } catch (const Error& error) {
    source.fail(error.code(), at, error.what());
  }
}

void check_nesting(const Source& source, std::size_t at, std::size_t nesting, const Limits& limits) {
  if (nesting > limits.nesting) {
    source.fail(Errc::limit_exceeded, at,
                "Sequential within Sequential: at most " + std::to_string(limits.nesting) + " levels");
  }
}

}  // namespace lamina::format::architecture
