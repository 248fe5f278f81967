// Network -> lamina's own architecture text: every parameter explicit, so that reading it gives the same Network.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/architecture/own_form.hpp"
#include "format/architecture/token.hpp"
#include "model/activation.hpp"
#include "model/print.hpp"

#include <cmath>

namespace lamina::format {
namespace {

using architecture::quote_string;
using model::python_float;

const char* python_bool(bool value) { return value ? "True" : "False"; }

std::string tuple(const std::vector<std::int64_t>& values) {
  std::string text = "(";
  for (const std::int64_t value : values) text += std::to_string(value) + ",";
  return text + ")";
}

std::string shape_or_none(const Tensor& tensor) { return tensor.empty() ? "None" : tuple(tensor.shape()); }

std::string string_list(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? ", " : "") + quote_string(value);
  return text + "]";
}

/// The arguments of each alternative of Op.
struct Arguments {
  std::string operator()(const model::Linear& l) const {
    return "in_features=" + std::to_string(l.in_features) + ", out_features=" + std::to_string(l.out_features) +
           ", bias=" + python_bool(l.has_bias);
  }

  std::string operator()(const model::Activation& a) const {
    if (a.kind == model::ActivationKind::gelu) return a.parameters[0] == 0 ? "'none'" : "'tanh'";
    const model::ActivationInfo& info = model::info(a.kind);
    std::string text;
    for (std::size_t i = 0; i < info.parameters.size(); ++i) {
      text.append(info.parameters[i].name).append("=").append(python_float(a.parameters[i])).append(", ");
    }
    if (info.takes_inplace) return text + "inplace=" + python_bool(a.inplace);
    return text.substr(0, text.empty() ? 0 : text.size() - 2);
  }

  std::string operator()(const model::PReLU& p) const {
    const std::string text = "num_parameters=" + std::to_string(p.num_parameters) + ", init=" + python_float(p.init);
    return p.per_position ? text + ", alpha_shape=" + tuple(p.alpha_shape) : text;
  }

  std::string operator()(const model::Softmax& s) const {
    if (s.kind == model::SoftmaxKind::softmax2d) return {};
    if (s.dims.empty()) return "dim=None";
    return "dim=" + (s.dims.size() == 1 ? std::to_string(s.dims[0]) : tuple(s.dims));
  }

  std::string operator()(const model::Glu& g) const { return "dim=" + std::to_string(g.dim); }

  std::string operator()(const model::BatchNorm& b) const {
    return "num_features=" + std::to_string(b.num_features) + ", eps=" + python_float(b.eps) +
           ", momentum=" + (std::isnan(b.momentum) ? "None" : python_float(b.momentum)) +
           affine(b.has_weight, b.has_bias) + ", axis=" + std::to_string(b.axis);
  }

  std::string operator()(const model::LayerNorm& n) const {
    return "normalized_shape=" + tuple(n.normalized_shape) + ", eps=" + python_float(n.eps) +
           affine(n.has_weight, n.has_bias);
  }

  std::string operator()(const model::Dropout& d) const {
    return "p=" + python_float(d.p) + ", inplace=" + python_bool(d.inplace);
  }

  std::string operator()(const model::Flatten& f) const {
    return "start_dim=" + std::to_string(f.start_dim) + ", end_dim=" + std::to_string(f.end_dim);
  }

  std::string operator()(const model::Reshape& r) const { return "target=" + tuple(r.target); }

  std::string operator()(const model::Affine& a) const {
    return "shift=" + shape_or_none(a.shift) + ", scale=" + shape_or_none(a.scale) +
           ", offset=" + shape_or_none(a.offset) + ", divide=" + python_bool(a.divide);
  }

  std::string operator()(const model::Identity&) const { return {}; }
  std::string operator()(const model::UnitNorm&) const { return {}; }
  std::string operator()(const model::Sequential&) const { return {}; }  // write_layers does its children

 private:
  static std::string affine(bool has_weight, bool has_bias) {
    return std::string(", scale=") + python_bool(has_weight) + ", center=" + python_bool(has_bias);
  }
};

void write_layers(std::string& text, const std::vector<model::Layer>& layers, std::size_t indent) {
  text += "[\n";
  for (const model::Layer& layer : layers) {
    text.append(indent + 4, ' ').append("(").append(quote_string(layer.name)).append(", ");
    text.append(model::torch_class(layer)).append("(");
    if (const auto* nested = std::get_if<model::Sequential>(&layer.op)) {
      write_layers(text, nested->layers, indent + 4);
    } else {
      text += std::visit(Arguments{}, layer.op);
    }
    text += ")";
    if (layer.functional) text += ", \"functional\"";
    if (layer.joined) text += ", \"joined\"";
    text += "),\n";
  }
  text.append(indent, ' ').append("]");
}

}  // namespace

std::string write_architecture(const model::Network& network) {
  std::string text(architecture::kOwnHeader);
  text += std::to_string(architecture::kOwnVersion) + "\nNetwork(\n";
  text += "    root_class=" + quote_string(network.root_class) + ",\n";
  text += "    name=" + quote_string(network.name) + ",\n";
  text += "    input_shape=" + (network.input_shape ? tuple(*network.input_shape) : "None") + ",\n";
  text += "    inputs=" + string_list(network.inputs) + ",\n";
  text += "    outputs=" + string_list(network.outputs) + ",\n    layers=";
  write_layers(text, network.layers, 4);
  return text + ",\n)\n";
}

}  // namespace lamina::format
