// Network -> nothing, or the Error that names the layer and the rule that it breaks.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "model/activation.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"

#include <lamina/model.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

namespace lamina::model {
namespace {

constexpr double kFloatMax = std::numeric_limits<float>::max();
constexpr std::size_t kMaxRowRank = 7;  // a Tensor has at most 8 dimensions, one of them the batch

/// One function per alternative of Op. Ranges are those of PyTorch's and Keras's own checks.
struct Rules {
  std::string where;

  [[noreturn]] void broken(std::string_view what, std::string_view expected, const std::string& got) const {
    base::fail(Errc::invalid_argument, where, what, expected, got);
  }

  /// Kernels take float32, so a parameter beyond it is as good as infinite.
  void finite(std::string_view what, double value) const {
    if (!(std::fabs(value) <= kFloatMax)) broken(what, "a finite number", python_float(value));
  }
  void require(bool holds, std::string_view what, std::string_view expected, double got) const {
    if (!holds) broken(what, expected, python_float(got));
  }
  /// The same of a weight: not the caller's parameter, but data.
  void require_weight(bool holds, std::string_view what, std::string_view expected, double got) const {
    if (!holds) base::fail(Errc::malformed, where, what, expected, python_float(got));
  }
  void positive(std::string_view what, std::int64_t value) const {
    if (value < 1) broken(what, "at least 1", std::to_string(value));
  }
  void positive(std::string_view what, const Shape& shape) const {
    if (std::any_of(shape.begin(), shape.end(), [](auto size) { return size < 1; })) {
      broken(what, "sizes of at least 1", to_string(shape));
    }
  }
  void epsilon(double eps) const {
    finite("eps", eps);
    require(eps >= 0, "eps", "at least 0", eps);
  }

  void operator()(const Linear& linear) const {
    positive("in_features", linear.in_features);
    positive("out_features", linear.out_features);
  }

  void operator()(const Activation& activation) const {
    const auto names = info(activation.kind).parameters;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool unbounded = activation.kind == ActivationKind::hardtanh ||  // a clamp on one side
                             (activation.kind == ActivationKind::keras_relu && i == 0 && activation.parameters[0] > 0);
      if (!unbounded || std::isnan(activation.parameters[i])) finite(names[i].name, activation.parameters[i]);
    }
    ranges(activation.kind, activation.parameters);
  }

  void ranges(ActivationKind kind, const std::array<double, 3>& p) const {
    switch (kind) {
      case ActivationKind::rrelu:
        return require(p[0] <= p[1], "upper", "at least lower (" + python_float(p[0]) + ")", p[1]);
      case ActivationKind::hardtanh:
        return require(p[0] < p[1], "max_val", "more than min_val (" + python_float(p[0]) + ")", p[1]);
      case ActivationKind::celu:
        return require(static_cast<float>(p[0]) != 0, "alpha", "not 0", p[0]);
      case ActivationKind::softplus:
        return require(static_cast<float>(p[0]) != 0, "beta", "not 0", p[0]);
      case ActivationKind::gelu:
        return require(p[0] == 0 || p[0] == 1, "approximate", "0 (none) or 1 (tanh)", p[0]);
      case ActivationKind::softshrink:
        return require(p[0] >= 0, "lambd", "at least 0", p[0]);
      case ActivationKind::keras_relu:
        return require(p[0] >= 0, "max_value", "at least 0", p[0]);
      case ActivationKind::squareplus:
        return require(p[0] >= 0, "b", "at least 0", p[0]);
      default:
        return;
    }
  }

  void operator()(const PReLU& prelu) const {
    positive("num_parameters", prelu.num_parameters);
    positive("alpha shape", prelu.alpha_shape);
    finite("init", prelu.init);
  }

  void operator()(const Softmax& softmax) const {
    const std::size_t most = softmax.kind == SoftmaxKind::softmax2d ? 0
                             : softmax.kind == SoftmaxKind::softmax ? kMaxRowRank + 1
                                                                    : 1;
    if (softmax.dims.size() > most) {
      broken("dim", "at most " + std::to_string(most) + " dimensions", std::to_string(softmax.dims.size()));
    }
  }

  void operator()(const Glu&) const {}

  void operator()(const BatchNorm& norm) const {
    positive("num_features", norm.num_features);
    epsilon(norm.eps);
    if (!std::isnan(norm.momentum)) finite("momentum", norm.momentum);
    if (norm.axis == 0) broken("axis", "a dimension of the row", "0, the batch");
    for (const float variance : norm.running_var.values()) {
      require_weight(!(variance < 0), "running_var", "no negative variance", static_cast<double>(variance));
      require_weight(!(variance + norm.eps <= 0), "running_var + eps", "more than 0", variance + norm.eps);
    }
  }

  void operator()(const LayerNorm& norm) const {
    if (norm.normalized_shape.empty()) broken("normalized_shape", "at least one dimension", "none");
    positive("normalized_shape", norm.normalized_shape);
    epsilon(norm.eps);
  }

  void operator()(const Dropout& dropout) const {
    finite("p", dropout.p);
    switch (dropout.kind) {
      case DropoutKind::activity_regularization:  // p is no part of it
        return;
      case DropoutKind::gaussian_noise:  // p is a standard deviation
        return require(dropout.p >= 0, "p", "at least 0", dropout.p);
      default:
        return require(dropout.p >= 0 && dropout.p <= 1, "p", "0 to 1", dropout.p);
    }
  }

  void operator()(const Identity&) const {}
  void operator()(const Flatten&) const {}

  void operator()(const Reshape& reshape) const {
    const auto& target = reshape.target;
    if (target.size() > kMaxRowRank) {
      broken("target", "at most " + std::to_string(kMaxRowRank) + " dimensions", std::to_string(target.size()));
    }
    if (std::count(target.begin(), target.end(), -1) > 1) broken("target", "at most one -1", to_string(target));
    if (std::any_of(target.begin(), target.end(), [](auto size) { return size < 1 && size != -1; })) {
      broken("target", "sizes of at least 1, or -1", to_string(target));
    }
  }

  void operator()(const Affine&) const {}
  void operator()(const UnitNorm&) const {}
  void operator()(const Sequential&) const {}
};

void validate_weights(const Layer& layer, const std::string& where) {
  for (const ConstSlot& slot : weight_slots(layer)) {
    try {
      (void)element_count(slot.shape);
    } catch (const Error& error) {
      throw base::with_prefix(error, where + ": " + slot.name);
    }
    if (!slot.tensor->empty() && slot.tensor->shape() != slot.shape) {
      base::fail(Errc::shape_mismatch, where, slot.name, to_string(slot.shape), to_string(slot.tensor->shape()));
    }
  }
}

/// state_dict() needs them: two tensors of one name could not be told apart.
void validate_names(std::span<const Layer> layers) {
  std::set<std::string_view> names;
  for (const Layer& layer : layers) {
    if (layer.functional || weight_slots(layer).empty()) continue;
    if (!names.insert(layer.name).second) {
      base::fail(Errc::invalid_argument, place(layer), "name", "one of its own", "that of an earlier layer");
    }
  }
}

void validate_shapes(std::span<const Layer> layers, const Shape& input) {
  if (input.size() > kMaxRowRank) {
    base::fail(Errc::limit_exceeded, "input shape", "dimensions", "at most " + std::to_string(kMaxRowRank),
               std::to_string(input.size()));
  }
  Rules{"input shape"}.positive("dimensions", input);
  (void)element_count(input);
  Shape shape = input;
  for (const Layer& layer : layers) shape = output_shape(layer, shape);
}

std::size_t count_layers(const std::vector<Layer>& layers) {
  std::size_t count = layers.size();
  for (const Layer& layer : layers) {
    if (const auto* nested = std::get_if<Sequential>(&layer.op)) count += count_layers(nested->layers);
  }
  return count;
}

/// Levels of Sequential within Sequential.
std::size_t nesting(const std::vector<Layer>& layers) {
  std::size_t deepest = 0;
  for (const Layer& layer : layers) {
    if (const auto* nested = std::get_if<Sequential>(&layer.op)) {
      deepest = std::max(deepest, 1 + nesting(nested->layers));
    }
  }
  return deepest;
}

}  // namespace

void validate(const Layer& layer) {
  if (std::holds_alternative<Sequential>(layer.op)) {
    for (const Layer& inner : flatten(layer)) validate(inner);
    return;
  }
  const std::string where = place(layer);
  std::visit(Rules{where}, layer.op);
  validate_weights(layer, where);
}

void validate(const Network& network) {
  const std::vector<Layer> layers = flatten(network);
  for (const Layer& layer : layers) validate(layer);
  validate_names(layers);
  if (network.input_shape) validate_shapes(layers, *network.input_shape);
  if (network.golden) validate_golden(network);
}

void validate(const Network& network, const Limits& limits) {
  const std::size_t depth = nesting(network.layers);
  if (depth > limits.nesting) {
    base::fail(Errc::limit_exceeded, "network", "nesting", "at most " + std::to_string(limits.nesting),
               std::to_string(depth));
  }
  const std::size_t layers = count_layers(network.layers);
  if (layers > limits.layers) {
    base::fail(Errc::limit_exceeded, "network", "layers", "at most " + std::to_string(limits.layers),
               std::to_string(layers));
  }
  validate(network);
}

}  // namespace lamina::model
