// A Keras model's JSON config (model.to_json(), config.json of .keras, model_config of .h5) -> Network without weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/json.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lamina::format {

/// One layer of the config, in the order of the config (of the chain, for a Functional), InputLayer among them.
struct KerasLayer {
  std::string name;                  // "dense_1": the config's
  std::string class_name;            // "Dense"; "Functional" for what early versions call "Model"
  std::optional<std::size_t> index;  // into the layers of its container; an InputLayer has none
  std::vector<KerasLayer> children;  // of a nested Sequential or Functional
  bool trainable = true;             // a frozen layer's weights come last in a legacy file
  bool adapted = false;              // a Normalization whose numbers are weights of the file
};

struct KerasNetwork {
  model::Network network;
  std::vector<KerasLayer> layers;
};

/// Sequential, or a Functional that is one chain. `version`: 1, 2 or 3, the major of keras_version, where the config
/// does not have it. A Normalization whose config has no numbers gets placeholders (see keras_norm.hpp).
/// Throws Error{unsupported_layer, unsupported_feature, malformed, ...} that names the layer.
[[nodiscard]] KerasNetwork read_keras_config(const Json& config, std::optional<int> version, const Limits& limits);

}  // namespace lamina::format
