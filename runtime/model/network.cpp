// Two networks -> whether they are the same.
// SPDX-License-Identifier: Apache-2.0
#include "model/network.hpp"

#include <cmath>
#include <tuple>

namespace lamina::model {

bool BatchNorm::operator==(const BatchNorm& other) const {
  const auto key = [](const BatchNorm& b) {
    return std::tie(b.num_features, b.eps, b.has_weight, b.has_bias, b.axis, b.weight, b.bias, b.running_mean,
                    b.running_var);
  };
  const bool both_none = std::isnan(momentum) && std::isnan(other.momentum);
  return (both_none || momentum == other.momentum) && key(*this) == key(other);
}

bool Sequential::operator==(const Sequential& other) const { return layers == other.layers; }

bool operator==(const Layer& a, const Layer& b) {
  return a.name == b.name && a.functional == b.functional && a.joined == b.joined && a.op == b.op;
}

bool operator==(const Network& a, const Network& b) {
  return a.root_class == b.root_class && a.input_shape == b.input_shape && a.layers == b.layers;
}

}  // namespace lamina::model
