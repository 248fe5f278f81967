// Layer by layer: each array of the config's and the path of the file that has it.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/match_saved.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::array<std::string_view, 10> kArrayNames = {
    "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "alpha", "mean", "variance", "count"};

bool is_array_name(std::string_view name) {
  return std::find(kArrayNames.begin(), kArrayNames.end(), name) != kArrayNames.end();
}

struct Slot {
  const KerasTarget* target = nullptr;
  const KerasParameter* parameter = nullptr;
  const std::string* path = nullptr;

  [[nodiscard]] bool is_trainable() const { return target->keras->trainable && parameter->trainable; }
};

/// In the order of layer.trainable_weights + layer.non_trainable_weights.
std::vector<Slot> slots_of(const std::vector<KerasTarget>& targets) {
  std::vector<Slot> slots;
  for (const KerasTarget& target : targets) {
    for (const KerasParameter& parameter : target.parameters) slots.push_back({&target, &parameter});
  }
  std::stable_partition(slots.begin(), slots.end(), [](const Slot& slot) { return slot.is_trainable(); });
  return slots;
}

/// Paths by the name of the array and, in a nested model, of the layer before it; null for a name that two have.
class PathsByName {
 public:
  PathsByName(const std::vector<std::string>& paths, bool nested) : nested_(nested) {
    for (const std::string& path : paths) {
      const auto [place, is_new] = paths_.emplace(key(array_owner(path), array_name(path)), &path);
      if (!is_new) place->second = nullptr;
    }
  }
  [[nodiscard]] const std::string* find(const Slot& slot) const {
    const auto found = paths_.find(key(slot.target->keras->name, slot.parameter->name));
    return found == paths_.end() ? nullptr : found->second;
  }

 private:
  using Key = std::pair<std::string_view, std::string_view>;
  [[nodiscard]] Key key(std::string_view owner, std::string_view name) const {
    return {nested_ ? owner : std::string_view(), name};
  }
  bool nested_;
  std::map<Key, const std::string*> paths_;
};

bool all_found(const std::vector<Slot>& slots) {
  return std::all_of(slots.begin(), slots.end(),
                     [](const Slot& slot) { return slot.path != nullptr || !slot.parameter->needed; });
}

/// Names speak against an order where one of them is that of another array.
bool in_order(std::vector<Slot>& slots, const std::vector<std::string>& paths) {
  if (slots.size() != paths.size()) return false;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string_view name = array_name(paths[i]);
    if (is_array_name(name) && name != slots[i].parameter->name) return false;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i].path = &paths[i];
  return true;
}

std::string list_of(const std::vector<std::string>& paths) {
  constexpr std::size_t kListed = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(kListed, paths.size()); ++i) {
    text += (i == 0 ? "" : ", ") + base::quoted(paths[i]);
  }
  return paths.size() > kListed ? text + ", ..." : text;
}

void match_layer(const Hdf5& file, const SavedLayer& saved, const std::vector<KerasTarget>& targets,
                 KerasAssignment& assignment) {
  std::vector<Slot> slots = slots_of(targets);
  const PathsByName by_name(saved.weights, targets.size() > 1);
  for (Slot& slot : slots) slot.path = by_name.find(slot);
  if (!all_found(slots)) (void)in_order(slots, saved.weights);
  for (const Slot& slot : slots) {
    const auto dataset = slot.path == nullptr ? std::nullopt : file.find(saved.group, *slot.path);
    if (dataset) {
      assignment.pair(*slot.target, *slot.parameter, *dataset);
    } else if (slot.path != nullptr) {
      assignment.missing(*slot.target, *slot.parameter,
                         "the file has no " + base::quoted(saved.group.path + "/" + *slot.path));
    } else {
      assignment.missing(*slot.target, *slot.parameter, "the file's layer has " + list_of(saved.weights));
    }
  }
}

}  // namespace

void match_saved(const Hdf5& file, const std::vector<SavedLayer>& saved, KerasNetwork& network,
                 KerasAssignment& assignment) {
  std::map<std::string_view, const SavedLayer*> by_name;
  for (const SavedLayer& layer : saved) by_name.emplace(layer.name, &layer);
  for (const KerasLayer& layer : network.layers) {
    if (!layer.index) continue;
    const std::vector<KerasTarget> targets = keras_targets(layer, network.network.layers[*layer.index]);
    if (targets.empty()) continue;
    const auto found = by_name.find(layer.name);
    if (found != by_name.end()) {
      match_layer(file, *found->second, targets, assignment);
      continue;
    }
    for (const KerasTarget& target : targets) {
      for (const KerasParameter& parameter : target.parameters) {
        assignment.missing(target, parameter, "the file has no weights of a layer " + base::quoted(layer.name));
      }
    }
  }
}

}  // namespace lamina::format
