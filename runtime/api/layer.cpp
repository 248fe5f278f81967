// Layers written in code -> model::Layer, with PyTorch's names and defaults.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "model/infer.hpp"
#include "model/network.hpp"

#include <lamina/layer.hpp>

#include <array>
#include <utility>

namespace lamina {
namespace {

Layer make(model::Op op) {
  model::Layer layer;
  layer.op = std::move(op);
  model::validate(layer);
  return Layer(std::move(layer));
}

Layer activation(model::ActivationKind kind, std::array<double, 3> parameters = {}, bool inplace = false) {
  return make(model::Activation{kind, parameters, inplace});
}

Layer softmax(model::SoftmaxKind kind, std::optional<std::int64_t> dim) {
  model::Softmax op{kind, {}};
  if (dim) op.dims.push_back(*dim);
  return make(std::move(op));
}

model::Network chain(const std::vector<std::pair<std::string, Layer>>& layers) {
  model::Network network;
  for (const auto& [name, layer] : layers) {
    model::Layer named = layer.layer();
    named.name = name;
    network.layers.push_back(std::move(named));
  }
  model::validate(network);
  return network;
}

model::Network numbered(std::initializer_list<Layer> layers) {
  std::vector<std::pair<std::string, Layer>> named;
  for (const Layer& layer : layers) named.emplace_back(std::to_string(named.size()), layer);
  return chain(named);
}

using model::ActivationKind;

}  // namespace

Layer::Layer(model::Layer layer) : layer_(std::make_shared<const model::Layer>(std::move(layer))) {}
Layer::Layer(const Model& nested)
    : layer_(std::make_shared<const model::Layer>(model::Layer{"", model::Sequential{nested.network().layers}})) {}
Layer::Layer(const Layer&) = default;
Layer& Layer::operator=(const Layer&) = default;
Layer::~Layer() = default;

Sequential::Sequential(std::initializer_list<Layer> layers) : Model(numbered(layers)) {}
Sequential::Sequential(std::initializer_list<std::pair<std::string, Layer>> layers) : Model(chain(layers)) {}

Layer Linear(std::int64_t in_features, std::int64_t out_features, bool bias) {
  return make(model::Linear{in_features, out_features, bias, {}, {}});
}
Layer Dropout(double p, bool inplace) { return make(model::Dropout{model::DropoutKind::dropout, p, inplace}); }
Layer AlphaDropout(double p, bool inplace) {
  return make(model::Dropout{model::DropoutKind::alpha_dropout, p, inplace});
}
Layer Identity() { return make(model::Identity{}); }
Layer Flatten(std::int64_t start_dim, std::int64_t end_dim) { return make(model::Flatten{start_dim, end_dim}); }
Layer BatchNorm1d(std::int64_t num_features, double eps, bool affine) {
  model::BatchNorm norm;
  norm.num_features = num_features;
  norm.eps = eps;
  norm.has_weight = norm.has_bias = affine;
  return make(std::move(norm));
}
Layer LayerNorm(Shape normalized_shape, double eps, bool elementwise_affine, bool bias) {
  model::LayerNorm norm;
  norm.normalized_shape = std::move(normalized_shape);
  norm.eps = eps;
  norm.has_weight = elementwise_affine;
  norm.has_bias = elementwise_affine && bias;
  return make(std::move(norm));
}

Layer ReLU(bool inplace) { return activation(ActivationKind::relu, {}, inplace); }
Layer ReLU6(bool inplace) { return activation(ActivationKind::relu6, {}, inplace); }
Layer LeakyReLU(double negative_slope, bool inplace) {
  return activation(ActivationKind::leaky_relu, {negative_slope}, inplace);
}
Layer PReLU(std::int64_t num_parameters, double init) {
  model::PReLU prelu;
  prelu.num_parameters = num_parameters;
  prelu.init = init;
  return make(std::move(prelu));
}
Layer RReLU(double lower, double upper, bool inplace) {
  return activation(ActivationKind::rrelu, {lower, upper}, inplace);
}
Layer ELU(double alpha, bool inplace) { return activation(ActivationKind::elu, {alpha}, inplace); }
Layer SELU(bool inplace) { return activation(ActivationKind::selu, {}, inplace); }
Layer CELU(double alpha, bool inplace) { return activation(ActivationKind::celu, {alpha}, inplace); }
Layer GELU(const std::string& approximate) {
  if (approximate != "none" && approximate != "tanh") {
    base::fail(Errc::invalid_argument, "GELU", "approximate", "none or tanh", base::quoted(approximate));
  }
  return activation(ActivationKind::gelu, {approximate == "tanh" ? 1.0 : 0.0});
}
Layer Sigmoid() { return activation(ActivationKind::sigmoid); }
Layer Tanh() { return activation(ActivationKind::tanh); }
Layer SiLU(bool inplace) { return activation(ActivationKind::silu, {}, inplace); }
Layer Mish(bool inplace) { return activation(ActivationKind::mish, {}, inplace); }
Layer Softplus(double beta, double threshold) { return activation(ActivationKind::softplus, {beta, threshold}); }
Layer Softsign() { return activation(ActivationKind::softsign); }
Layer LogSigmoid() { return activation(ActivationKind::log_sigmoid); }
Layer Hardtanh(double min_val, double max_val, bool inplace) {
  return activation(ActivationKind::hardtanh, {min_val, max_val}, inplace);
}
Layer Hardsigmoid(bool inplace) { return activation(ActivationKind::hardsigmoid, {}, inplace); }
Layer Hardswish(bool inplace) { return activation(ActivationKind::hardswish, {}, inplace); }
Layer Hardshrink(double lambd) { return activation(ActivationKind::hardshrink, {lambd}); }
Layer Softshrink(double lambd) { return activation(ActivationKind::softshrink, {lambd}); }
Layer Tanhshrink() { return activation(ActivationKind::tanhshrink); }
Layer Threshold(double threshold, double value, bool inplace) {
  return activation(ActivationKind::threshold, {threshold, value}, inplace);
}
Layer GLU(std::int64_t dim) { return make(model::Glu{dim}); }
Layer Softmax(std::optional<std::int64_t> dim) { return softmax(model::SoftmaxKind::softmax, dim); }
Layer LogSoftmax(std::optional<std::int64_t> dim) { return softmax(model::SoftmaxKind::log_softmax, dim); }
Layer Softmin(std::optional<std::int64_t> dim) { return softmax(model::SoftmaxKind::softmin, dim); }
Layer Softmax2d() { return softmax(model::SoftmaxKind::softmax2d, {}); }

Layer KerasReLU(double max_value, double negative_slope, double threshold) {
  return activation(ActivationKind::keras_relu, {max_value, negative_slope, threshold});
}
Layer Exponential() { return activation(ActivationKind::exponential); }
Layer Squareplus(double b) { return activation(ActivationKind::squareplus, {b}); }
Layer SparsePlus() { return activation(ActivationKind::sparse_plus); }
Layer SparseSigmoid() { return activation(ActivationKind::sparse_sigmoid); }
Layer Sparsemax(std::int64_t dim) { return softmax(model::SoftmaxKind::sparsemax, dim); }
Layer HardSigmoidLinear(double alpha, double beta) {
  return activation(ActivationKind::hard_sigmoid_linear, {alpha, beta});
}

}  // namespace lamina
