// What a weights file holds, before an architecture gives it meaning: named tensors in file order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <lamina/model.hpp>
#include <lamina/tensor.hpp>
#include <lamina/verify.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lamina::format {

using NamedTensor = std::pair<std::string, Tensor>;

/// A reader's result: either a network with weights, or tensors that still need an architecture.
struct Contents {
  std::string format;                     // "safetensors", "PyTorch state_dict": for messages and inspect
  std::optional<model::Network> network;  // complete, weights included
  std::vector<NamedTensor> tensors;       // when network is absent
  std::vector<std::string> dtypes = {};   // of the tensors, as the file calls them; or none
  bool ordered = false;                   // tensors are in the order of the network's layers
  std::string architecture;               // text that the file carries beside its tensors; may be empty
  std::vector<std::string> notes;
  std::optional<GoldenVectors> golden = {};
};

/// The network's weights by their names in a state_dict ("0.weight"), in the order of its layers; the elements are
/// shared. Throws Error{missing_weight} where a layer has none.
[[nodiscard]] std::vector<NamedTensor> state_of(const model::Network& network);

}  // namespace lamina::format
