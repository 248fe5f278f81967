// What a weights file holds, before an architecture gives it meaning: named tensors in file order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lamina/model.hpp>
#include <lamina/tensor.hpp>

#include "model/network.hpp"

namespace lamina::format {

using NamedTensor = std::pair<std::string, Tensor>;

/// A reader's result: either a network with weights, or tensors that still need an architecture.
struct Contents {
  std::string format;                      // "safetensors", "PyTorch state_dict": for messages and inspect
  std::optional<model::Network> network;   // complete, weights included
  std::vector<NamedTensor> tensors;        // when network is absent
  bool ordered = false;                    // tensors are in the order of the network's layers
  std::string architecture;                // text that the file carries beside its tensors; may be empty
  std::vector<std::string> notes;
};

}  // namespace lamina::format
