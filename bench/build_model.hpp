// A network of shapes.hpp -> a lamina Model with weights from a seed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shapes.hpp"

#include <lamina/lamina.hpp>

#include <string>
#include <utility>
#include <vector>

namespace lamina::bench {

/// PyTorch's constructor text of the network.
[[nodiscard]] inline std::string architecture_of(const Network& network) {
  std::string text = "nn.Sequential(";
  std::int64_t in = network.in;
  for (const Layer& layer : network.layers) {
    text += "nn.Linear(" + std::to_string(in) + ", " + std::to_string(layer.out) + "), ";
    if (layer.act == Act::relu) text += "nn.ReLU(), ";
    if (layer.act == Act::sigmoid) text += "nn.Sigmoid(), ";
    if (layer.act == Act::tanh) text += "nn.Tanh(), ";
    if (layer.act == Act::softmax) text += "nn.Softmax(dim=1), ";
    in = layer.out;
  }
  return text + ")";
}

[[nodiscard]] inline Model build_model(const Network& network, std::uint64_t seed = 1) {
  Model model = parse_architecture(architecture_of(network));
  model.randomize(seed);
  return model;
}

}  // namespace lamina::bench
