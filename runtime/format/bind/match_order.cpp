// Order, shapes and numbers in names -> layers with their tensors, where there is only one way.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/bind/map_text.hpp"
#include "format/bind/match.hpp"
#include "format/bind/numbered.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

namespace lamina::format {
namespace {

using Pairs = std::vector<std::pair<LayerSide*, const TensorGroup*>>;

std::string joined(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += part + " ";
  return text;
}

/// Sorts groups whose stems differ by their numbers alone; false where they differ otherwise, or not at all.
bool sort_by_numbers(std::vector<const TensorGroup*>& groups) {
  const auto number_of = [](const TensorGroup* group) { return numbered(group->stem).numbers; };
  std::sort(groups.begin(), groups.end(),
            [&](const TensorGroup* a, const TensorGroup* b) { return number_of(a) < number_of(b); });
  return std::adjacent_find(groups.begin(), groups.end(), [&](const TensorGroup* a, const TensorGroup* b) {
           return numbered(a->stem).skeleton != numbered(b->stem).skeleton || number_of(a) == number_of(b);
         }) == groups.end();
}

/// A group that has the name of another layer than the one it would go to speaks against the order.
bool contradicts_names(const Sides& sides, const Pairs& pairs) {
  std::set<std::string_view> names;
  for (const LayerSide& layer : sides.layers) names.insert(layer.name);
  return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
    return pair.first->name != pair.second->stem && names.contains(pair.second->stem);
  });
}

/// Pairs are in the order of the layers: do the numbers of each skeleton ascend with them?
bool numbers_ascend(const Pairs& pairs) {
  std::map<std::string, std::vector<std::uint64_t>> last;
  for (const auto& [layer, group] : pairs) {
    Numbered name = numbered(group->stem);
    const auto [place, is_first] = last.emplace(std::move(name.skeleton), name.numbers);
    if (!is_first && !(place->second < name.numbers)) return false;
    place->second = std::move(name.numbers);
  }
  return true;
}

std::optional<Pairs> pair_in_order(const Sides& sides, const std::vector<LayerSide*>& layers,
                                   const std::vector<TensorGroup>& groups) {
  if (layers.size() != groups.size()) return std::nullopt;
  Pairs pairs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (signature(*layers[i]) != signature(sides, groups[i])) return std::nullopt;
    pairs.emplace_back(layers[i], &groups[i]);
  }
  if (contradicts_names(sides, pairs)) return std::nullopt;
  return pairs;
}

using GroupsBySignature = std::map<std::string, std::vector<const TensorGroup*>>;

GroupsBySignature by_signature_of(const Sides& sides, const std::vector<TensorGroup>& groups) {
  GroupsBySignature by_signature;
  for (const TensorGroup& group : groups) by_signature[signature(sides, group)].push_back(&group);
  return by_signature;
}

/// Layers of one signature take the groups of that signature: the only one, or by their numbers.
std::optional<Pairs> pair_by_shape(const Sides& sides, const std::vector<LayerSide*>& layers,
                                   const std::vector<TensorGroup>& groups) {
  GroupsBySignature by_signature = by_signature_of(sides, groups);
  std::map<std::string, std::size_t> wanted, next;
  for (const LayerSide* layer : layers) ++wanted[signature(*layer)];
  bool by_numbers = false;
  for (const auto& [key, count] : wanted) {
    const auto found = by_signature.find(key);
    if (found == by_signature.end() || found->second.size() != count) return std::nullopt;
    if (count > 1 && !sort_by_numbers(found->second)) return std::nullopt;
    by_numbers = by_numbers || count > 1;
  }
  Pairs pairs;
  for (LayerSide* layer : layers) {
    const std::string key = signature(*layer);
    pairs.emplace_back(layer, by_signature[key][next[key]++]);
  }
  if (by_numbers && (contradicts_names(sides, pairs) || !numbers_ascend(pairs))) return std::nullopt;
  return pairs;
}

std::vector<std::pair<std::string, std::string>> names_of(const Pairs& pairs) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [layer, group] : pairs) names.emplace_back(layer->name, group->stem);
  return names;
}

}  // namespace

std::string signature(const LayerSide& layer) {
  std::vector<std::string> parts;
  for (std::size_t slot = 0; slot < layer.slots.size(); ++slot) {
    if (layer.tensors[slot] == kNoTensor) parts.push_back(layer.slots[slot].name + to_string(layer.slots[slot].shape));
  }
  return joined(std::move(parts));
}

std::string signature(const Sides& sides, const TensorGroup& group) {
  std::vector<std::string> parts;
  for (const std::size_t tensor : group.tensors) {
    const auto& [name, value] = sides.tensors[tensor];
    parts.push_back(std::string(leaf_of(name)) + to_string(value.shape()));
  }
  return joined(std::move(parts));
}

bool match_order(Sides& sides, bool ordered) {
  const std::vector<LayerSide*> layers = sides.open_layers();
  const std::vector<TensorGroup> groups = sides.free_groups();
  std::optional<Pairs> pairs = ordered ? pair_in_order(sides, layers, groups) : std::nullopt;
  const bool in_order = pairs.has_value();
  if (!pairs) pairs = pair_by_shape(sides, layers, groups);
  if (!pairs) return false;
  for (const auto& [layer, group] : *pairs) sides.take(*layer, *group);
  sides.notes.push_back(std::string("took the tensors by ") + (in_order ? "their order" : "their shapes and numbers") +
                        ", since their names are not those of the layers: " + map_text(names_of(*pairs)));
  return true;
}

std::vector<std::pair<std::string, std::string>> propose_map(Sides& sides) {
  const std::vector<TensorGroup> groups = sides.free_groups();
  GroupsBySignature by_signature = by_signature_of(sides, groups);
  std::map<std::string, std::size_t> next;
  Pairs pairs;
  for (LayerSide* layer : sides.open_layers()) {
    const std::string key = signature(*layer);
    const std::vector<const TensorGroup*>& fitting = by_signature[key];
    const std::size_t i = next[key]++;
    if (i < fitting.size() && !fitting[i]->stem.empty()) pairs.emplace_back(layer, fitting[i]);
  }
  return names_of(pairs);
}

}  // namespace lamina::format
