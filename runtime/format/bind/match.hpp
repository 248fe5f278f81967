// Sides -> more of them brought together: by --map, by name, by order or shape. Each leaves the rest as it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/bind/sides.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lamina::format {

/// {"0", "fc1"}: fc1.weight for 0.weight; {"0.weight", "w1"} too. Throws Error{invalid_argument, missing_weight}.
void match_map(Sides& sides, const std::vector<std::pair<std::string, std::string>>& map);

/// True where every open slot has a tensor of its name, after taking a prefix off the tensors' names where they all
/// have it (or where `allow_unused`, and no other prefix fits). All or nothing.
[[nodiscard]] bool match_names(Sides& sides, bool allow_unused);

/// Prefixes after which every open slot has a tensor of its name and shape: what --prefix could be.
[[nodiscard]] std::vector<std::string> fitting_prefixes(Sides& sides);

/// True where there is only one way: the tensors are in the order of the layers (`ordered`), or each layer's shapes
/// occur once, or the names of those that share them differ by their numbers alone. All or nothing.
[[nodiscard]] bool match_order(Sides& sides, bool ordered);

/// What must be equal for a group to fit a layer: "bias[10] weight[10, 128] ", of its open slots.
[[nodiscard]] std::string signature(const LayerSide& layer);
[[nodiscard]] std::string signature(const Sides& sides, const TensorGroup& group);

/// {"0", "fc1"}, {"3", "fc2"}: what binds each open layer to the first free group that fits it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> propose_map(Sides& sides);

}  // namespace lamina::format
