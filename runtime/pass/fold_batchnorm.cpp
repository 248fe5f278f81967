// Network -> the same, each BatchNorm beside a Linear multiplied into its weights.
// SPDX-License-Identifier: Apache-2.0
#include "model/infer.hpp"
#include "pass/absorb.hpp"
#include "pass/pass.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lamina::pass {
namespace {

/// A mean this many standard deviations from zero cancels that many times 2^-24 of a number in a folded
/// Linear, which adds W (beta - mean s) where the BatchNorm subtracts the mean first: 64 keeps it below 4e-6.
constexpr double kMaxStandardisedMean = 64;

/// y = scale * x + shift, per feature.
struct ScaleShift {
  std::vector<double> scale;
  std::vector<double> shift;
  double largest_mean = 0;  // in standard deviations
};

ScaleShift scale_shift(const model::BatchNorm& norm) {
  ScaleShift result;
  for (std::size_t i = 0; i < norm.running_mean.size(); ++i) {
    const double mean = static_cast<double>(norm.running_mean.data()[i]);
    const double inverse = 1 / std::sqrt(static_cast<double>(norm.running_var.data()[i]) + norm.eps);
    const double scale = norm.has_weight ? inverse * static_cast<double>(norm.weight.data()[i]) : inverse;
    const double beta = norm.has_bias ? static_cast<double>(norm.bias.data()[i]) : 0.0;
    result.scale.push_back(scale);
    result.shift.push_back(beta - mean * scale);
    result.largest_mean = std::max(result.largest_mean, std::fabs(mean * inverse));
  }
  return result;
}

bool has_weights(const model::Layer& layer) {
  const auto slots = model::weight_slots(layer);
  return std::none_of(slots.begin(), slots.end(), [](const auto& slot) { return slot.tensor->empty(); });
}

bool all_finite(const Tensor& tensor) {
  const auto values = tensor.values();
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

/// Infinities and NaN behave otherwise once multiplied out (0 * inf): such layers stay as they are.
bool all_finite(const model::Layer& layer) {
  const auto slots = model::weight_slots(layer);
  return std::all_of(slots.begin(), slots.end(), [](const auto& slot) { return all_finite(*slot.tensor); });
}

double bias_of(const model::Linear& linear, std::size_t output) {
  return linear.has_bias ? static_cast<double>(linear.bias.data()[output]) : 0.0;
}

/// BatchNorm(Linear(x)): each output scaled and shifted.
model::Linear fold_after(model::Linear linear, const ScaleShift& norm) {
  const std::size_t inputs = static_cast<std::size_t>(linear.in_features);
  const auto weight = linear.weight.mutable_values();
  Tensor bias(Shape{linear.out_features});
  for (std::size_t n = 0; n < norm.scale.size(); ++n) {
    for (float& w : weight.subspan(n * inputs, inputs)) w = static_cast<float>(norm.scale[n] * static_cast<double>(w));
    bias.mutable_values()[n] = static_cast<float>(norm.scale[n] * bias_of(linear, n) + norm.shift[n]);
  }
  linear.bias = std::move(bias);
  linear.has_bias = true;
  return linear;
}

/// Linear(BatchNorm(x)): each input's weights scaled, the shifts summed into the bias.
model::Linear fold_before(model::Linear linear, const ScaleShift& norm) {
  const std::size_t inputs = norm.scale.size();
  const auto weight = linear.weight.mutable_values();
  Tensor bias(Shape{linear.out_features});
  for (std::size_t n = 0; n < bias.size(); ++n) {
    double sum = bias_of(linear, n);
    for (std::size_t k = 0; k < inputs; ++k) {
      float& w = weight[n * inputs + k];
      sum += static_cast<double>(w) * norm.shift[k];
      w = static_cast<float>(static_cast<double>(w) * norm.scale[k]);
    }
    bias.mutable_values()[n] = static_cast<float>(sum);
  }
  linear.bias = std::move(bias);
  linear.has_bias = true;
  return linear;
}

enum class Side { before, after };

/// Whether `linear` now holds `norm` as well.
bool fold(model::Layer& linear, const model::Layer& norm, Side side) {
  if (!has_weights(linear) || !has_weights(norm) || !all_finite(norm)) return false;
  const ScaleShift values = scale_shift(std::get<model::BatchNorm>(norm.op));
  if (side == Side::before && values.largest_mean > kMaxStandardisedMean) return false;
  const auto& original = std::get<model::Linear>(linear.op);
  model::Linear folded = side == Side::after ? fold_after(original, values) : fold_before(original, values);
  if (!all_finite(folded.weight) || !all_finite(folded.bias)) return false;
  linear.op = std::move(folded);
  side == Side::after ? absorb_after(linear, norm) : absorb_before(linear, norm);
  return true;
}

bool is_plain_linear(const model::Layer& layer) {
  return std::holds_alternative<model::Linear>(layer.op) && !layer.epilogue;
}

bool is_batchnorm(const model::Layer& layer) { return std::holds_alternative<model::BatchNorm>(layer.op); }

}  // namespace

model::Network fold_batchnorm(model::Network network) {
  const std::optional<Shape> input = model::input_shape(network);
  const auto shapes = model::output_shapes(network.layers, input);
  std::vector<model::Layer> kept;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    model::Layer& layer = network.layers[i];
    // Of a longer row BatchNorm's dimension need not be the one that the Linear works on.
    const bool vector = i > 0 && shapes[i] && shapes[i - 1] && shapes[i - 1]->size() == 1;
    if (vector && is_batchnorm(layer) && is_plain_linear(kept.back()) && fold(kept.back(), layer, Side::after)) {
      continue;
    }
    while (vector && !kept.empty() && is_plain_linear(layer) && is_batchnorm(kept.back()) &&
           fold(layer, kept.back(), Side::before)) {
      kept.pop_back();
    }
    kept.push_back(std::move(layer));
  }
  network.layers = std::move(kept);
  return network;
}

}  // namespace lamina::pass
