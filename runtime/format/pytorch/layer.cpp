// One function per kind of torch.nn module: its attributes are the constructor's arguments.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/layer.hpp"

#include "base/fail.hpp"
#include "model/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kParameters = "_parameters", kBuffers = "_buffers";

model::Op linear(TorchAttributes& attributes) {
  model::Linear linear;
  linear.in_features = attributes.integer("in_features");
  linear.out_features = attributes.integer("out_features");
  linear.has_bias = attributes.has_tensor(kParameters, "bias");
  return linear;
}

model::Op identity(TorchAttributes&) { return model::Identity{}; }

model::Op flatten(TorchAttributes& attributes) {
  return model::Flatten{.start_dim = attributes.integer("start_dim", 1), .end_dim = attributes.integer("end_dim", -1)};
}

template <model::DropoutKind kind>
model::Op dropout(TorchAttributes& attributes) {
  return model::Dropout{.kind = kind, .p = attributes.number("p"), .inplace = attributes.boolean("inplace", false)};
}

model::Op batch_norm(TorchAttributes& attributes) {
  model::BatchNorm norm;
  norm.num_features = attributes.integer("num_features");
  norm.eps = attributes.number("eps");
  norm.momentum = std::numeric_limits<double>::quiet_NaN();
  if (attributes.given("momentum")) norm.momentum = attributes.number("momentum");
  norm.has_weight = attributes.has_tensor(kParameters, "weight");
  norm.has_bias = attributes.has_tensor(kParameters, "bias");
  if (attributes.boolean("affine", true) != norm.has_weight) {
    fail(Errc::malformed, attributes.place(), "affine and weight disagree");
  }
  const bool tracked =
      attributes.has_tensor(kBuffers, "running_mean") && attributes.has_tensor(kBuffers, "running_var");
  if (!attributes.boolean("track_running_stats", true) || !tracked) {
    fail(Errc::unsupported_feature, attributes.place(),
         "track_running_stats=False normalises over the batch: the answer of a row would depend on its neighbours");
  }
  return norm;
}

model::Op layer_norm(TorchAttributes& attributes) {
  model::LayerNorm norm;
  norm.normalized_shape = attributes.shape("normalized_shape");
  norm.eps = attributes.number("eps");
  norm.has_weight = attributes.has_tensor(kParameters, "weight");
  norm.has_bias = attributes.has_tensor(kParameters, "bias");
  if (attributes.boolean("elementwise_affine", true) != norm.has_weight) {
    fail(Errc::malformed, attributes.place(), "elementwise_affine and weight disagree");
  }
  return norm;
}

model::Op prelu(TorchAttributes& attributes) {
  model::PReLU prelu;
  prelu.num_parameters = attributes.integer("num_parameters");
  if (attributes.given("init")) prelu.init = attributes.number("init");
  return prelu;
}

template <model::SoftmaxKind kind>
model::Op softmax(TorchAttributes& attributes) {
  model::Softmax softmax{.kind = kind, .dims = {}};
  if (kind != model::SoftmaxKind::softmax2d && attributes.given("dim")) softmax.dims = {attributes.integer("dim")};
  return softmax;
}

model::Op glu(TorchAttributes& attributes) { return model::Glu{.dim = attributes.integer("dim", -1)}; }

/// Attributes that ReLU and ReLU6 inherit from Threshold (torch 0.x) and Hardtanh: they have one value.
struct Inherited {
  std::string_view name, attribute;
  double value;
};
constexpr std::array kInherited = {
    Inherited{"ReLU", "threshold", 0},
    Inherited{"ReLU", "value", 0},
    Inherited{"ReLU6", "min_val", 0},
    Inherited{"ReLU6", "max_val", 6},
};

void check_inherited(TorchAttributes& attributes) {
  for (const Inherited& inherited : kInherited) {
    if (inherited.name != attributes.class_name() || !attributes.given(inherited.attribute)) continue;
    if (attributes.number(inherited.attribute) == inherited.value) continue;
    fail(Errc::unsupported_feature, attributes.place(), std::string(inherited.attribute) + " has been changed");
  }
}

double approximate(TorchAttributes& attributes) {
  const std::string_view name = attributes.text("approximate", "none");
  if (name != "none" && name != "tanh") {
    fail(Errc::malformed, attributes.place(), "approximate", "'none' or 'tanh'", base::quoted(name));
  }
  return name == "tanh" ? 1 : 0;
}

model::Op activation(TorchAttributes& attributes) {
  const model::ActivationInfo& info = *model::find_module(attributes.class_name());
  model::Activation result{.kind = info.kind, .parameters = {}};
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const model::ParameterInfo& parameter = info.parameters[i];
    if (parameter.name == "approximate") {
      result.parameters[i] = approximate(attributes);
    } else {
      const bool required = std::isnan(parameter.torch_default);
      result.parameters[i] =
          required ? attributes.number(parameter.name) : attributes.number(parameter.name, parameter.torch_default);
    }
  }
  if (info.takes_inplace) result.inplace = attributes.boolean("inplace", false);
  check_inherited(attributes);
  return result;
}

struct LayerClass {
  std::string_view file, name;  // torch.nn.modules.<file>.<name>
  model::Op (*read)(TorchAttributes& attributes);
};

using model::DropoutKind;
using model::SoftmaxKind;

/// Beside the elementwise activations, which are in model's table.
constexpr std::array kClasses = {
    LayerClass{"linear", "Linear", linear},
    LayerClass{"linear", "Identity", identity},
    LayerClass{"flatten", "Flatten", flatten},
    LayerClass{"dropout", "Dropout", dropout<DropoutKind::dropout>},
    LayerClass{"dropout", "Dropout1d", dropout<DropoutKind::dropout1d>},
    LayerClass{"dropout", "Dropout2d", dropout<DropoutKind::dropout2d>},
    LayerClass{"dropout", "Dropout3d", dropout<DropoutKind::dropout3d>},
    LayerClass{"dropout", "AlphaDropout", dropout<DropoutKind::alpha_dropout>},
    LayerClass{"dropout", "FeatureAlphaDropout", dropout<DropoutKind::feature_alpha_dropout>},
    LayerClass{"batchnorm", "BatchNorm1d", batch_norm},
    LayerClass{"normalization", "LayerNorm", layer_norm},
    LayerClass{"activation", "PReLU", prelu},
    LayerClass{"activation", "GLU", glu},
    LayerClass{"activation", "Softmax", softmax<SoftmaxKind::softmax>},
    LayerClass{"activation", "LogSoftmax", softmax<SoftmaxKind::log_softmax>},
    LayerClass{"activation", "Softmin", softmax<SoftmaxKind::softmin>},
    LayerClass{"activation", "Softmax2d", softmax<SoftmaxKind::softmax2d>},
};

bool is_activation(std::string_view name) noexcept {
  const model::ActivationInfo* info = model::find_module(name);
  return info != nullptr && info->in_torch;
}

}  // namespace

bool is_torch_layer(std::string_view module, std::string_view name) noexcept {
  constexpr std::string_view kModules = "torch.nn.modules.";
  if (!module.starts_with(kModules)) return false;
  const std::string_view file = module.substr(kModules.size());
  if (file == "container" && name == "Sequential") return true;
  if (file == "activation" && is_activation(name)) return true;
  return std::any_of(kClasses.begin(), kClasses.end(),
                     [&](const LayerClass& known) { return known.file == file && known.name == name; });
}

model::Op read_torch_layer(TorchAttributes& attributes) {
  const std::string_view name = attributes.class_name();
  for (const LayerClass& known : kClasses) {
    if (known.name == name) return known.read(attributes);
  }
  return activation(attributes);
}

}  // namespace lamina::format
