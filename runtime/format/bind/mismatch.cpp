// What binding could not bring together -> Errors with both sides in their problems.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind/mismatch.hpp"

#include "base/fail.hpp"
#include "format/bind/map_text.hpp"
#include "format/bind/match.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format {
namespace {

std::string shape_problem(const Sides& sides, const LayerSide& layer, std::size_t slot, std::size_t tensor) {
  const Shape& expected = layer.slots[slot].shape;
  const Shape& got = sides.tensors[tensor].second.shape();
  std::string problem = layer.place + ": " + layer.slots[slot].name + ": expected " + to_string(expected) + ", got " +
                        to_string(got) + " of " + base::quoted(sides.tensors[tensor].first);
  const bool turned = expected.size() == 2 && got.size() == 2 && expected[0] == got[1] && expected[1] == got[0];
  if (turned) problem += ": it is transposed (PyTorch keeps [outputs, inputs])";
  return problem;
}

std::string missing_problem(const LayerSide& layer, std::size_t slot, const std::string& prefix) {
  return layer.place + ": there is no tensor " + base::quoted(prefix + layer.slot_name(slot)) + " " +
         to_string(layer.slots[slot].shape);
}

template <class Visit>
void for_open_slots(const std::vector<LayerSide*>& layers, Visit visit) {
  for (const LayerSide* layer : layers) {
    for (std::size_t slot = 0; slot < layer->slots.size(); ++slot) {
      if (layer->tensors[slot] == kNoTensor) visit(*layer, slot);
    }
  }
}

/// The prefix, empty or common to all free tensors, after which most open slots have a tensor of their name.
std::string likely_prefix(const Sides& sides, const std::vector<LayerSide*>& open, std::size_t& found) {
  const std::vector<std::size_t> free = sides.free_tensors();
  std::string best, prefix;
  found = 0;
  while (true) {
    std::size_t count = 0;
    for_open_slots(open, [&](const LayerSide& layer, std::size_t slot) {
      count += sides.find(prefix + layer.slot_name(slot)) != kNoTensor ? 1U : 0U;
    });
    if (count > found) {
      found = count;
      best = prefix;
    }
    if (free.empty()) return best;
    const std::string& first = sides.tensors[free.front()].first;
    const std::size_t dot = first.find('.', prefix.size());
    if (dot == std::string::npos) return best;
    prefix = first.substr(0, dot + 1);
    const bool common = std::all_of(
        free.begin(), free.end(), [&](std::size_t tensor) { return sides.tensors[tensor].first.starts_with(prefix); });
    if (!common) return best;
  }
}

/// Most names agree, so the layers that lack something are named one by one.
Error partly_named(const Sides& sides, const std::vector<LayerSide*>& open, const std::string& prefix) {
  std::vector<std::string> missing, shapes;
  std::vector<bool> named(sides.tensors.size(), false);
  for_open_slots(open, [&](const LayerSide& layer, std::size_t slot) {
    const std::size_t tensor = sides.find(prefix + layer.slot_name(slot));
    if (tensor == kNoTensor) {
      missing.push_back(missing_problem(layer, slot, prefix));
      return;
    }
    named[tensor] = true;
    if (sides.tensors[tensor].second.shape() != layer.slots[slot].shape) {
      shapes.push_back(shape_problem(sides, layer, slot, tensor));
    }
  });
  std::vector<std::string> problems = std::move(missing);
  problems.insert(problems.end(), shapes.begin(), shapes.end());
  std::string left;
  for (const std::size_t tensor : sides.free_tensors()) {
    if (named[tensor]) continue;
    if (left.empty()) left = "; " + sides.describe(tensor) + " is taken by no layer";
    problems.push_back("tensor " + sides.describe(tensor) + ": no layer takes it");
  }
  const std::string first = problems.front();
  return {Errc::missing_weight, first + left, std::move(problems)};
}

/// Layers and groups as they come, where they agree in everything but the shapes: the architecture has other sizes.
std::vector<std::string> shape_problems_in_order(Sides& sides, const std::vector<LayerSide*>& open) {
  const std::vector<TensorGroup> groups = sides.free_groups();
  std::vector<std::string> problems;
  if (groups.size() != open.size()) return {};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const LayerSide& layer = *open[i];
    if (groups[i].tensors.size() != layer.slots.size()) return {};
    for (const std::size_t tensor : groups[i].tensors) {
      const auto& [name, value] = sides.tensors[tensor];
      const auto slot = std::find_if(layer.slots.begin(), layer.slots.end(),
                                     [leaf = leaf_of(name)](const model::Slot& s) { return s.name == leaf; });
      if (slot == layer.slots.end()) return {};
      if (slot->shape == value.shape()) continue;
      problems.push_back(shape_problem(sides, layer, static_cast<std::size_t>(slot - layer.slots.begin()), tensor));
    }
  }
  return problems;
}

std::string some_tensors(const Sides& sides, const std::vector<std::size_t>& tensors) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, tensors.size()); ++i) {
    text += (i == 0 ? "" : ", ") + sides.describe(tensors[i]);
  }
  if (tensors.size() > kShown) text += " and " + std::to_string(tensors.size() - kShown) + " more";
  return text;
}

/// What to add to the command; empty where nothing would help.
std::string advice(Sides& sides, const std::vector<LayerSide*>& open) {
  constexpr std::size_t kShown = 4;
  const std::vector<std::string> prefixes = fitting_prefixes(sides);
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, prefixes.size()); ++i) {
    text += (i == 0 ? "; pick one network by its prefix (--prefix): " : " or ") + prefixes[i];
  }
  if (!text.empty()) return text;
  const auto map = propose_map(sides);
  if (map.empty()) return text;
  return (map.size() == open.size() ? "; if the file has them in order, the map (--map) is "
                                    : "; this map (--map) would fit: ") +
         map_text(map);
}

}  // namespace

void check_shapes(const Sides& sides) {
  std::vector<std::string> problems;
  for (const LayerSide& layer : sides.layers) {
    for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
      const std::size_t tensor = layer.tensors[slot];
      if (sides.tensors[tensor].second.shape() == layer.slots[slot].shape) continue;
      problems.push_back(shape_problem(sides, layer, slot, tensor));
    }
  }
  if (problems.empty()) return;
  const std::string first = problems.front();
  throw Error(Errc::shape_mismatch, first, std::move(problems));
}

Error unmatched(Sides& sides) {
  const std::vector<LayerSide*> open = sides.open_layers();
  const std::vector<std::size_t> free = sides.free_tensors();
  std::size_t found = 0;
  const std::string prefix = likely_prefix(sides, open, found);
  std::size_t wanted = 0;
  for_open_slots(open, [&](const LayerSide&, std::size_t) { ++wanted; });
  if (2 * found > wanted) return partly_named(sides, open, prefix);
  std::vector<std::string> problems = shape_problems_in_order(sides, open);
  if (!problems.empty()) {
    const std::string first = problems.front();
    return {Errc::shape_mismatch, first, std::move(problems)};
  }
  for_open_slots(
      open, [&](const LayerSide& layer, std::size_t slot) { problems.push_back(missing_problem(layer, slot, {})); });
  const std::string first = problems.front();
  for (const std::size_t tensor : free) problems.push_back("tensor " + sides.describe(tensor) + ": no layer takes it");
  const std::string got = free.empty() ? "there are no tensors left" : "there are " + some_tensors(sides, free);
  return {Errc::missing_weight, first + "; " + got + advice(sides, open), std::move(problems)};
}

Error unused(const Sides& sides) {
  const std::vector<std::size_t> free = sides.free_tensors();
  std::vector<std::string> problems;
  problems.reserve(free.size());
  for (const std::size_t tensor : free) problems.push_back("tensor " + sides.describe(tensor) + ": no layer takes it");
  return {Errc::extra_weight,
          "no layer takes " + some_tensors(sides, free) +
              ": unused tensors can be allowed (--allow-unused), or a part be picked by its prefix (--prefix)",
          std::move(problems)};
}

}  // namespace lamina::format
