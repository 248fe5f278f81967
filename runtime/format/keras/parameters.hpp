// A layer of a Keras config and its place in the network -> the arrays that Keras keeps for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/keras_config.hpp"
#include "model/network.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

struct KerasParameter {
  std::string_view name;  // "kernel"
  Shape shape = {};       // as Keras has it: [inputs, units]
  bool trainable = true;
  bool needed = true;  // false: the count of a Normalization, which no answer depends on
};

/// A layer that keeps arrays, in the order in which Keras saves them.
struct KerasTarget {
  std::string place;  // "layer 'dense_1' (Dense)"
  const KerasLayer* keras = nullptr;
  model::Layer* layer = nullptr;
  std::vector<KerasParameter> parameters;
};

/// `container`: where the name of `keras` lies, with a dot at its end; empty at the top.
[[nodiscard]] KerasTarget keras_target(const KerasLayer& keras, model::Layer& layer, const std::string& container);

/// Those of a layer of the whole model: itself, or of a nested model all that it holds; none without parameters.
[[nodiscard]] std::vector<KerasTarget> keras_targets(const KerasLayer& keras, model::Layer& layer);

/// Puts an array that has the parameter's shape into the layer: kernels transposed, a variance as its root.
/// Throws Error{malformed} for a negative variance.
void set_parameter(model::Layer& layer, std::string_view name, Tensor value);

/// max(sqrt(variance), 1e-7): what Keras's Normalization divides by. Throws as set_parameter() does; the caller says
/// where.
[[nodiscard]] Tensor keras_deviation(Tensor variance);

}  // namespace lamina::format
