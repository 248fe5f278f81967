// A chain of dense layers -> a lamina Model with its weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <lamina/lamina.hpp>

#include <string>
#include <utility>
#include <vector>

namespace lamina::bench {

/// PyTorch's constructor text of the chain.
[[nodiscard]] inline std::string architecture_of(const Chain& chain) {
  std::string text = "nn.Sequential(";
  for (const Dense& layer : chain.layers) {
    text += "nn.Linear(" + std::to_string(layer.in) + ", " + std::to_string(layer.out) + "), ";
    if (layer.act == Act::relu) text += "nn.ReLU(), ";
    if (layer.act == Act::sigmoid) text += "nn.Sigmoid(), ";
    if (layer.act == Act::tanh) text += "nn.Tanh(), ";
    if (layer.act == Act::softmax) text += "nn.Softmax(dim=1), ";
  }
  return text + ")";
}

[[nodiscard]] inline Model build_model(const Chain& chain) {
  Model model = parse_architecture(architecture_of(chain));
  model.randomize(1);
  std::vector<std::pair<std::string, Tensor>> tensors = model.state_dict();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Dense& layer = chain.layers[i / 2];
    tensors[i].second = Tensor(tensors[i].second.shape(), i % 2 == 0 ? layer.weight : layer.bias);
  }
  model.load_state_dict(tensors);
  return model;
}

}  // namespace lamina::bench
