// Names and shapes of tensors -> the plain network that they could belong to, as text for a person to confirm.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/tensor_file.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lamina::format {

struct Guess {
  std::string text;                                      // "nn.Sequential(nn.Linear(784, 128), ...)"; empty: none
  std::vector<std::pair<std::string, std::string>> map;  // as LoadOptions::map, where the tensors would not bind alone
  std::string obstacle;                                  // why there is no guess
  bool is_transformer = false;                           // nor would its parts be networks of their own
};

/// Linear, BatchNorm1d, LayerNorm and PReLU layers that take every tensor and whose sizes form one chain, with a ReLU
/// before each further Linear: activations leave no trace in a file. What it gives has been parsed and bound.
[[nodiscard]] Guess guess_architecture(const std::vector<NamedTensor>& tensors, bool ordered);

}  // namespace lamina::format
