// An architecture without weights + named tensors -> the network with weights.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind.hpp"

#include "format/bind/match.hpp"
#include "format/bind/mismatch.hpp"
#include "format/bind/sides.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format {
namespace {

/// Constants that the architecture brought along (Keras's Normalization with mean and variance) need no tensors; a file
/// in the order of the layers is lamina's own, and has them all.
void keep_given_constants(Sides& sides) {
  std::erase_if(sides.layers, [&](const LayerSide& layer) {
    if (!layer.optional) return false;
    for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
      if (layer.tensors[slot] != kNoTensor || sides.find(layer.slot_name(slot)) != kNoTensor) return false;
    }
    return true;
  });
}

}  // namespace

model::Network bind(model::Network network, std::vector<NamedTensor> tensors, bool ordered,
                    const LoadOptions& options) {
  Sides sides(network, std::move(tensors), options.prefix);
  match_map(sides, options.map);
  if (!ordered) keep_given_constants(sides);
  const bool matched = match_names(sides, options.allow_unused) || match_order(sides, ordered);
  if (!matched) throw unmatched(sides);
  check_shapes(sides);
  const std::vector<std::size_t> free = sides.free_tensors();
  if (!free.empty() && !options.allow_unused) throw unused(sides);
  for (LayerSide& layer : sides.layers) {
    for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
      *layer.slots[slot].tensor = std::move(sides.tensors[layer.tensors[slot]].second);
    }
  }
  network.notes.insert(network.notes.end(), sides.notes.begin(), sides.notes.end());
  for (const std::size_t tensor : free) {
    network.notes.push_back("tensor " + sides.describe(tensor) + " was left aside: no layer takes it");
  }
  return network;
}

}  // namespace lamina::format
