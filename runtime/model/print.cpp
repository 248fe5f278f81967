// Network -> the text that PyTorch's print(model) shows.
// SPDX-License-Identifier: Apache-2.0
#include "model/print.hpp"

#include "base/fail.hpp"
#include "model/activation.hpp"

#include <charconv>
#include <cmath>

namespace lamina::model {
namespace {

const char* python_bool(bool value) { return value ? "True" : "False"; }

/// "(10,)", "(3, 5)".
std::string python_tuple(const std::vector<std::int64_t>& values) {
  std::string text = "(";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(values[i]);
  return text + (values.size() == 1 ? ",)" : ")");
}

std::string softmax_class(SoftmaxKind kind) {
  switch (kind) {
    case SoftmaxKind::softmax:
      return "Softmax";
    case SoftmaxKind::log_softmax:
      return "LogSoftmax";
    case SoftmaxKind::softmin:
      return "Softmin";
    case SoftmaxKind::softmax2d:
      return "Softmax2d";
    case SoftmaxKind::sparsemax:
      return "Sparsemax";
  }
  return {};
}

std::string dropout_class(DropoutKind kind) {
  switch (kind) {
    case DropoutKind::dropout:
      return "Dropout";
    case DropoutKind::dropout1d:
      return "Dropout1d";
    case DropoutKind::dropout2d:
      return "Dropout2d";
    case DropoutKind::dropout3d:
      return "Dropout3d";
    case DropoutKind::alpha_dropout:
      return "AlphaDropout";
    case DropoutKind::feature_alpha_dropout:
      return "FeatureAlphaDropout";
    case DropoutKind::gaussian_dropout:
      return "GaussianDropout";
    case DropoutKind::gaussian_noise:
      return "GaussianNoise";
    case DropoutKind::spatial_dropout1d:
      return "SpatialDropout1D";
    case DropoutKind::spatial_dropout2d:
      return "SpatialDropout2D";
    case DropoutKind::spatial_dropout3d:
      return "SpatialDropout3D";
    case DropoutKind::activity_regularization:
      return "ActivityRegularization";
  }
  return {};
}

struct ClassName {
  std::string operator()(const Linear&) const { return "Linear"; }
  std::string operator()(const Activation& a) const { return std::string(info(a.kind).module); }
  std::string operator()(const PReLU&) const { return "PReLU"; }
  std::string operator()(const Softmax& s) const { return softmax_class(s.kind); }
  std::string operator()(const Glu&) const { return "GLU"; }
  std::string operator()(const BatchNorm&) const { return "BatchNorm1d"; }
  std::string operator()(const LayerNorm&) const { return "LayerNorm"; }
  std::string operator()(const Dropout& d) const { return dropout_class(d.kind); }
  std::string operator()(const Identity&) const { return "Identity"; }
  std::string operator()(const Flatten&) const { return "Flatten"; }
  std::string operator()(const Reshape&) const { return "Reshape"; }
  std::string operator()(const Affine&) const { return "Affine"; }
  std::string operator()(const UnitNorm&) const { return "UnitNorm"; }
  std::string operator()(const Sequential&) const { return "Sequential"; }
};

std::string activation_arguments(const Activation& activation) {
  const ActivationInfo& row = info(activation.kind);
  if (activation.kind == ActivationKind::gelu) {
    return activation.parameters[0] == 0 ? "approximate='none'" : "approximate='tanh'";
  }
  // The two shrinks print their number alone.
  const bool bare = activation.kind == ActivationKind::hardshrink || activation.kind == ActivationKind::softshrink;
  std::string text;
  for (std::size_t i = 0; i < row.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    if (!bare) text.append(row.parameters[i].name) += '=';
    text += python_float(activation.parameters[i]);
  }
  if (row.has_inplace && activation.inplace) text += text.empty() ? "inplace=True" : ", inplace=True";
  return text;
}

/// Keras can have the one without the other, which PyTorch's printed form has no word for.
std::string affine_arguments(const char* name, bool has_weight, bool has_bias) {
  if (has_weight == has_bias) return std::string(name) + "=" + python_bool(has_weight);
  return std::string("scale=") + python_bool(has_weight) + ", center=" + python_bool(has_bias);
}

/// What stands between the parentheses.
struct Arguments {
  std::string operator()(const Linear& l) const {
    return "in_features=" + std::to_string(l.in_features) + ", out_features=" + std::to_string(l.out_features) +
           ", bias=" + python_bool(l.has_bias);
  }
  std::string operator()(const Activation& a) const { return activation_arguments(a); }
  std::string operator()(const PReLU& p) const {
    return p.per_position ? "alpha_shape=" + python_tuple(p.alpha_shape)
                          : "num_parameters=" + std::to_string(p.num_parameters);
  }
  std::string operator()(const Softmax& s) const {
    if (s.kind == SoftmaxKind::softmax2d) return {};
    if (s.dims.empty()) return "dim=None";
    return "dim=" + (s.dims.size() == 1 ? std::to_string(s.dims[0]) : python_tuple(s.dims));
  }
  std::string operator()(const Glu& g) const { return "dim=" + std::to_string(g.dim); }
  std::string operator()(const BatchNorm& b) const {
    return std::to_string(b.num_features) + ", eps=" + python_float(b.eps) +
           ", momentum=" + (std::isnan(b.momentum) ? "None" : python_float(b.momentum)) + ", " +
           affine_arguments("affine", b.has_weight, b.has_bias) + ", track_running_stats=True" +
           (b.axis == 1 ? "" : ", axis=" + std::to_string(b.axis));
  }
  std::string operator()(const LayerNorm& n) const {
    // PyTorch does not print bias=False.
    return python_tuple(n.normalized_shape) + ", eps=" + python_float(n.eps) + ", " +
           affine_arguments("elementwise_affine", n.has_weight, n.has_weight || n.has_bias);
  }
  std::string operator()(const Dropout& d) const {
    return "p=" + python_float(d.p) + ", inplace=" + python_bool(d.inplace);
  }
  std::string operator()(const Identity&) const { return {}; }
  std::string operator()(const Flatten& f) const {
    return "start_dim=" + std::to_string(f.start_dim) + ", end_dim=" + std::to_string(f.end_dim);
  }
  std::string operator()(const Reshape& r) const { return "target=" + python_tuple(r.target); }
  std::string operator()(const Affine& a) const {
    std::string text = std::string("divide=") + python_bool(a.divide);
    if (!a.shift.empty()) text += ", shift=" + python_tuple(a.shift.shape());
    if (!a.scale.empty()) text += ", scale=" + python_tuple(a.scale.shape());
    if (!a.offset.empty()) text += ", offset=" + python_tuple(a.offset.shape());
    return text;
  }
  std::string operator()(const UnitNorm&) const { return {}; }
  std::string operator()(const Sequential&) const { return {}; }
};

void append_module(std::string& text, const std::string& name, const std::vector<Layer>& layers, std::size_t indent) {
  text += name + "(";
  bool any = false;
  for (const Layer& layer : layers) {
    if (layer.functional) continue;
    any = true;
    text.append("\n").append(indent + 2, ' ') += "(" + layer.name + "): ";
    if (const auto* nested = std::get_if<Sequential>(&layer.op)) {
      append_module(text, "Sequential", nested->layers, indent + 2);
    } else {
      text += torch_repr(layer);
    }
  }
  if (any) text.append("\n").append(indent, ' ');
  text += ")";
}

}  // namespace

std::string torch_class(const Layer& layer) { return std::visit(ClassName{}, layer.op); }

std::string place(const Layer& layer) { return "layer " + base::quoted(layer.name) + " (" + torch_class(layer) + ")"; }

std::string torch_repr(const Layer& layer) {
  if (const auto* nested = std::get_if<Sequential>(&layer.op)) {
    std::string text;
    append_module(text, "Sequential", nested->layers, 0);
    return text;
  }
  return torch_class(layer) + "(" + std::visit(Arguments{}, layer.op) + ")";
}

std::string torch_repr(const Network& network) {
  std::string text;
  append_module(text, network.root_class, network.layers, 0);
  return text;
}

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  // Python turns to an exponent below 1e-4 and from 1e16 on; the digits are the shortest either way.
  const double size = std::fabs(value);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e16);
  char buffer[32];
  const auto form = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, form).ptr);
  if (!exponent && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace lamina::model
