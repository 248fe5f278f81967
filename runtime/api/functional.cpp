// Activations as functions on tensors: a network of one layer, compiled for the tensor's shape and run.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/activation_text.hpp"
#include "model/infer.hpp"
#include "model/network.hpp"
#include "pass/pass.hpp"
#include "plan/compile.hpp"
#include "run/run.hpp"

#include <lamina/functional.hpp>
#include <lamina/layer.hpp>
#include <lamina/plan.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace lamina::functional {
namespace {

/// Runs one layer over x as one batch: dimension 0 is the batch, as in a Plan. A scalar is a batch of one.
void run_layer(model::Layer layer, const Tensor& x, float* y) {
  const Shape& shape = x.shape();
  CompileOptions options;
  options.input_shape = shape.empty() ? Shape{} : Shape(shape.begin() + 1, shape.end());
  model::Network network;
  network.layers.push_back(std::move(layer));
  const auto program = plan::compile(pass::mark_in_place(std::move(network)), options, 1);
  const std::size_t rows = shape.empty() ? 1 : static_cast<std::size_t>(shape.front());
  // A single step goes from input to output: no scratch.
  run::run(*program, {x.data(), y, rows, nullptr, 0});
}

Tensor call(const Layer& layer, const Tensor& x) {
  if (x.empty()) return x;
  Shape shape = x.shape();
  if (const auto* glu = std::get_if<model::Glu>(&layer.layer().op)) {
    const auto rank = static_cast<std::int64_t>(shape.size());
    const std::int64_t dim = glu->dim < 0 ? glu->dim + rank : glu->dim;
    if (dim >= 0 && dim < rank) shape[static_cast<std::size_t>(dim)] /= 2;  // odd sizes are refused by the layer
  }
  Tensor y(std::move(shape));
  run_layer(layer.layer(), x, y.mutable_values().data());
  return y;
}

Tensor& call_in_place(const Layer& layer, Tensor& x) {
  if (x.empty()) return x;
  float* data = x.mutable_values().data();
  run_layer(layer.layer(), x, data);
  return x;
}

}  // namespace

Tensor relu(const Tensor& x) { return call(ReLU(), x); }
Tensor relu6(const Tensor& x) { return call(ReLU6(), x); }
Tensor leaky_relu(const Tensor& x, double negative_slope) { return call(LeakyReLU(negative_slope), x); }
Tensor prelu(const Tensor& x, const Tensor& weight) {
  model::PReLU op;
  op.num_parameters = static_cast<std::int64_t>(weight.size());
  op.weight = weight.reshaped({op.num_parameters});
  model::Layer layer;
  layer.name = "prelu";
  layer.op = std::move(op);
  model::validate(layer);
  return call(Layer(std::move(layer)), x);
}
Tensor rrelu(const Tensor& x, double lower, double upper) { return call(RReLU(lower, upper), x); }
Tensor elu(const Tensor& x, double alpha) { return call(ELU(alpha), x); }
Tensor selu(const Tensor& x) { return call(SELU(), x); }
Tensor celu(const Tensor& x, double alpha) { return call(CELU(alpha), x); }
Tensor gelu(const Tensor& x, const std::string& approximate) { return call(GELU(approximate), x); }
Tensor sigmoid(const Tensor& x) { return call(Sigmoid(), x); }
Tensor tanh(const Tensor& x) { return call(Tanh(), x); }
Tensor silu(const Tensor& x) { return call(SiLU(), x); }
Tensor mish(const Tensor& x) { return call(Mish(), x); }
Tensor softplus(const Tensor& x, double beta, double threshold) { return call(Softplus(beta, threshold), x); }
Tensor softsign(const Tensor& x) { return call(Softsign(), x); }
Tensor logsigmoid(const Tensor& x) { return call(LogSigmoid(), x); }
Tensor hardtanh(const Tensor& x, double min_val, double max_val) { return call(Hardtanh(min_val, max_val), x); }
Tensor hardsigmoid(const Tensor& x) { return call(Hardsigmoid(), x); }
Tensor hardswish(const Tensor& x) { return call(Hardswish(), x); }
Tensor hardshrink(const Tensor& x, double lambd) { return call(Hardshrink(lambd), x); }
Tensor softshrink(const Tensor& x, double lambd) { return call(Softshrink(lambd), x); }
Tensor tanhshrink(const Tensor& x) { return call(Tanhshrink(), x); }
Tensor threshold(const Tensor& x, double threshold, double value) { return call(Threshold(threshold, value), x); }
Tensor glu(const Tensor& x, std::int64_t dim) { return call(GLU(dim), x); }
Tensor softmax(const Tensor& x, std::int64_t dim) { return call(Softmax(dim), x); }
Tensor log_softmax(const Tensor& x, std::int64_t dim) { return call(LogSoftmax(dim), x); }
Tensor softmin(const Tensor& x, std::int64_t dim) { return call(Softmin(dim), x); }

Tensor keras_relu(const Tensor& x, double max_value, double negative_slope, double threshold) {
  return call(KerasReLU(max_value, negative_slope, threshold), x);
}
Tensor exponential(const Tensor& x) { return call(Exponential(), x); }
Tensor squareplus(const Tensor& x, double b) { return call(Squareplus(b), x); }
Tensor sparse_plus(const Tensor& x) { return call(SparsePlus(), x); }
Tensor sparse_sigmoid(const Tensor& x) { return call(SparseSigmoid(), x); }
Tensor sparsemax(const Tensor& x, std::int64_t dim) { return call(Sparsemax(dim), x); }
Tensor hard_sigmoid_linear(const Tensor& x, double alpha, double beta) {
  return call(HardSigmoidLinear(alpha, beta), x);
}

Tensor& relu_(Tensor& x) { return call_in_place(ReLU(), x); }
Tensor& relu6_(Tensor& x) { return call_in_place(ReLU6(), x); }
Tensor& leaky_relu_(Tensor& x, double negative_slope) { return call_in_place(LeakyReLU(negative_slope), x); }
Tensor& rrelu_(Tensor& x, double lower, double upper) { return call_in_place(RReLU(lower, upper), x); }
Tensor& elu_(Tensor& x, double alpha) { return call_in_place(ELU(alpha), x); }
Tensor& selu_(Tensor& x) { return call_in_place(SELU(), x); }
Tensor& celu_(Tensor& x, double alpha) { return call_in_place(CELU(alpha), x); }
Tensor& sigmoid_(Tensor& x) { return call_in_place(Sigmoid(), x); }
Tensor& tanh_(Tensor& x) { return call_in_place(Tanh(), x); }
Tensor& silu_(Tensor& x) { return call_in_place(SiLU(), x); }
Tensor& mish_(Tensor& x) { return call_in_place(Mish(), x); }
Tensor& hardtanh_(Tensor& x, double min_val, double max_val) { return call_in_place(Hardtanh(min_val, max_val), x); }
Tensor& hardsigmoid_(Tensor& x) { return call_in_place(Hardsigmoid(), x); }
Tensor& hardswish_(Tensor& x) { return call_in_place(Hardswish(), x); }
Tensor& threshold_(Tensor& x, double threshold, double value) { return call_in_place(Threshold(threshold, value), x); }
Tensor& softmax_(Tensor& x, std::int64_t dim) { return call_in_place(Softmax(dim), x); }

Tensor apply(const std::string& activation, const Tensor& x) {
  return call(Layer(format::parse_activation(activation)), x);
}

}  // namespace lamina::functional
