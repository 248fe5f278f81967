// Operations in order -> a Network with layers "0", "1", ...; and the names that each layer stands for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <string>
#include <vector>

namespace lamina::test {

inline model::Network chain(std::vector<model::Op> ops) {
  model::Network network;
  for (model::Op& op : ops) network.layers.push_back({std::to_string(network.layers.size()), std::move(op)});
  return network;
}

/// {"0+1", "2"}: layer 0 has absorbed layer 1.
inline std::vector<std::string> names(const model::Network& network) {
  std::vector<std::string> result;
  for (const model::Layer& layer : network.layers) {
    result.push_back(layer.name);
    for (const std::string& name : layer.absorbed) result.back() += "+" + name;
  }
  return result;
}

}  // namespace lamina::test
