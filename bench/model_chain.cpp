// Linear layers with at most one activation each, out of a Model's table of layers and its weights.
// SPDX-License-Identifier: Apache-2.0
#include "model_chain.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace lamina::bench {
namespace {

std::optional<Act> activation_of(const LayerInfo& layer) {
  const std::string& text = layer.description;
  if (text == "ReLU()" || text == "ReLU(inplace=True)") return Act::relu;
  if (text == "Sigmoid()") return Act::sigmoid;
  if (text == "Tanh()") return Act::tanh;
  if (text == "Softmax(dim=1)" || text == "Softmax(dim=-1)") return Act::softmax;
  return std::nullopt;
}

/// Layers that change no number of a row.
bool is_identity(const LayerInfo& layer) {
  constexpr std::string_view kNames[] = {"Identity", "Dropout", "AlphaDropout", "FeatureAlphaDropout", "Flatten"};
  return std::find(std::begin(kNames), std::end(kNames), layer.type) != std::end(kNames);
}

std::vector<float> values_of(const Tensor& tensor) { return {tensor.data(), tensor.data() + tensor.size()}; }

}  // namespace

std::variant<Chain, std::string> chain_of(const Model& model, const std::string& name) {
  std::map<std::string, Tensor> tensors;
  for (auto& [key, tensor] : model.state_dict()) tensors.emplace(key, tensor);
  Chain chain{name, {}};
  bool open = false;  // the last Linear has no activation yet
  for (const LayerInfo& layer : model.layers()) {
    if (is_identity(layer)) continue;
    if (layer.type == "Linear") {
      const Tensor& weight = tensors.at(layer.name + ".weight");
      Dense dense{static_cast<std::size_t>(weight.shape()[1]),
                  static_cast<std::size_t>(weight.shape()[0]),
                  Act::none,
                  values_of(weight),
                  {}};
      const auto bias = tensors.find(layer.name + ".bias");
      dense.bias = bias == tensors.end() ? std::vector<float>(dense.out, 0.0f) : values_of(bias->second);
      chain.layers.push_back(std::move(dense));
      open = true;
      continue;
    }
    const std::optional<Act> act = activation_of(layer);
    if (!act || !open) return "layer " + layer.name + ", " + layer.description + ", is not part of the peers' chains";
    chain.layers.back().act = *act;
    open = false;
  }
  if (chain.layers.empty()) return "it has no Linear layer";
  return chain;
}

}  // namespace lamina::bench
