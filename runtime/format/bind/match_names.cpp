// Names on both sides -> layers with their tensors: as --map says, as they stand, or after a prefix.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/bind/match.hpp"

#include <algorithm>

namespace lamina::format {
namespace {

using base::fail;

/// Visits the open slots until `visit` gives false; true if it never did.
template <class Visit>
bool every_open_slot(Sides& sides, Visit visit) {
  for (LayerSide& layer : sides.layers) {
    for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
      if (layer.tensors[slot] == kNoTensor && !visit(layer, slot)) return false;
    }
  }
  return true;
}

bool names_fit(Sides& sides, const std::string& prefix) {
  return every_open_slot(sides, [&](const LayerSide& layer, std::size_t slot) {
    const std::size_t tensor = sides.find(prefix + layer.slot_name(slot));
    return tensor != kNoTensor && !sides.is_taken(tensor);
  });
}

bool shapes_fit(Sides& sides, const std::string& prefix) {
  return every_open_slot(sides, [&](const LayerSide& layer, std::size_t slot) {
    return sides.tensors[sides.find(prefix + layer.slot_name(slot))].second.shape() == layer.slots[slot].shape;
  });
}

void take_names(Sides& sides, const std::string& prefix) {
  every_open_slot(sides, [&](LayerSide& layer, std::size_t slot) {
    sides.take(layer, slot, sides.find(prefix + layer.slot_name(slot)));
    return true;
  });
}

/// What stands before the name of the first open slot, wherever a tensor's name ends with it.
std::vector<std::string> named_prefixes(Sides& sides) {
  std::vector<std::string> prefixes;
  const std::vector<LayerSide*> open = sides.open_layers();
  if (open.empty()) return prefixes;
  const auto& taken = open.front()->tensors;
  const auto slot = static_cast<std::size_t>(std::find(taken.begin(), taken.end(), kNoTensor) - taken.begin());
  const std::string ending = "." + open.front()->slot_name(slot);
  for (const std::size_t tensor : sides.free_tensors()) {
    const std::string& name = sides.tensors[tensor].first;
    if (!name.ends_with(ending)) continue;
    std::string prefix = name.substr(0, name.size() - ending.size() + 1);
    if (names_fit(sides, prefix)) prefixes.push_back(std::move(prefix));
  }
  return prefixes;
}

bool all_start_with(const Sides& sides, const std::string& prefix) {
  const std::vector<std::size_t> free = sides.free_tensors();
  return std::all_of(free.begin(), free.end(),
                     [&](std::size_t tensor) { return sides.tensors[tensor].first.starts_with(prefix); });
}

/// Where `key` is the name of a layer: each of its slots from "name.slot"; of one slot: from "name".
bool map_one(Sides& sides, const std::string& key, const std::string& name) {
  bool known = false;
  for (LayerSide& layer : sides.layers) {
    for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
      const bool whole = key == layer.name;
      if (!whole && key != layer.slot_name(slot)) continue;
      known = true;
      const std::string wanted = whole ? LayerSide::join(name, layer.slots[slot].name) : name;
      const std::size_t tensor = sides.find(wanted);
      const std::string place = "map " + key + "=" + name;
      if (tensor == kNoTensor) fail(Errc::missing_weight, place, "there is no tensor " + base::quoted(wanted));
      if (sides.is_taken(tensor) || layer.tensors[slot] != kNoTensor) {
        fail(Errc::invalid_argument, place, "maps " + base::quoted(wanted) + " or its layer a second time");
      }
      sides.take(layer, slot, tensor);
    }
  }
  return known;
}

}  // namespace

void match_map(Sides& sides, const std::vector<std::pair<std::string, std::string>>& map) {
  for (const auto& [key, name] : map) {
    if (map_one(sides, key, name)) continue;
    std::vector<std::string_view> names;
    for (const LayerSide& layer : sides.layers) names.push_back(layer.name);
    fail(Errc::invalid_argument, "map " + key + "=" + name,
         "no layer that takes tensors has this name" + base::did_you_mean(key, names.data(), names.size()));
  }
}

std::vector<std::string> fitting_prefixes(Sides& sides) {
  std::vector<std::string> prefixes = named_prefixes(sides);
  std::erase_if(prefixes, [&](const std::string& prefix) { return !shapes_fit(sides, prefix); });
  return prefixes;
}

bool match_names(Sides& sides, bool allow_unused) {
  if (names_fit(sides, {})) {
    take_names(sides, {});
    return true;
  }
  std::vector<std::string> prefixes = named_prefixes(sides);
  if (prefixes.size() > 1) prefixes = fitting_prefixes(sides);
  if (prefixes.size() != 1 || !(allow_unused || all_start_with(sides, prefixes.front()))) return false;
  take_names(sides, prefixes.front());
  sides.notes.push_back("took " + base::quoted(prefixes.front()) + " off the names of the tensors");
  return true;
}

}  // namespace lamina::format
