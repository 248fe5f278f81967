// Container by container, class by class: the k-th layer and the k-th group.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/match_groups.hpp"

#include "base/fail.hpp"
#include "format/architecture/keras_chain.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace lamina::format {
namespace {

/// A layer that needs a group, and the id that Keras gives it.
struct Wanted {
  const KerasLayer* keras = nullptr;
  model::Layer* layer = nullptr;
  std::string id;

  [[nodiscard]] model::Sequential* nested() const { return std::get_if<model::Sequential>(&layer->op); }
};

std::string id_of(const std::string& class_name, std::uint64_t number) {
  const std::string stem = architecture::snake_case(class_name);
  return number == 0 ? stem : stem + "_" + std::to_string(number);
}

/// By id where the file has all of them, else in order where there are as many; else those that there are.
std::vector<const KerasGroup*> pair_up(const std::vector<Wanted>& wanted, const std::vector<KerasGroup>& groups) {
  std::map<std::string_view, const KerasGroup*> by_id;
  for (const KerasGroup& group : groups) by_id.emplace(group.id, &group);
  std::vector<const KerasGroup*> found;
  for (const Wanted& layer : wanted) {
    const auto group = by_id.find(layer.id);
    found.push_back(group == by_id.end() ? nullptr : group->second);
  }
  const bool all = std::find(found.begin(), found.end(), nullptr) == found.end();
  if (!all && wanted.size() == groups.size()) {
    std::transform(groups.begin(), groups.end(), found.begin(), [](const KerasGroup& group) { return &group; });
  }
  return found;
}

class GroupMatcher {
 public:
  GroupMatcher(const Hdf5& file, KerasAssignment& assignment) : file_(file), groups_(file), assignment_(assignment) {}

  void match(KerasNetwork& network) { match_container(network.layers, network.network.layers, groups_.top(), {}); }

 private:
  /// `path`: of the container's groups; `names`: of the layers that it lies in, with a dot at the end.
  void match_container(const std::vector<KerasLayer>& children, std::vector<model::Layer>& layers,
                       const std::string& path, const std::string& names) {
    std::map<std::string, std::vector<Wanted>> by_class;
    std::map<std::string, std::uint64_t> counters;
    for (const KerasLayer& child : children) {
      const std::uint64_t number = counters[child.class_name]++;
      if (!child.index) continue;
      Wanted layer{&child, &layers[*child.index], id_of(child.class_name, number)};
      const bool needed = layer.nested() != nullptr || !keras_target(child, *layer.layer, names).parameters.empty();
      if (needed) by_class[child.class_name].push_back(std::move(layer));
    }
    for (const auto& [class_name, wanted] : by_class) match_class(class_name, wanted, path, names);
  }

  void match_class(const std::string& class_name, const std::vector<Wanted>& wanted, const std::string& path,
                   const std::string& names) {
    std::vector<KerasGroup> groups = groups_.of_class(path, class_name);
    const bool nested = wanted.front().nested() != nullptr;
    if (!nested) std::erase_if(groups, [&](const KerasGroup& group) { return !groups_.weights(group); });
    const std::vector<const KerasGroup*> found = pair_up(wanted, groups);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const Wanted& layer = wanted[i];
      if (nested) {
        const std::string& id = found[i] == nullptr ? layer.id : found[i]->id;
        match_container(layer.keras->children, layer.nested()->layers, groups_.inside(path, id),
                        names + layer.keras->name + ".");
      } else {
        match_layer(keras_target(*layer.keras, *layer.layer, names), found[i], path + layer.id);
      }
    }
  }

  void match_layer(const KerasTarget& target, const KerasGroup* group, const std::string& expected) {
    if (group != nullptr) check_name(target, *group);
    const auto weights = group == nullptr ? std::nullopt : groups_.weights(*group);
    for (std::size_t i = 0; i < target.parameters.size(); ++i) {
      const std::string name = std::to_string(i);
      const auto dataset = weights ? file_.find(*weights, name) : std::nullopt;
      if (dataset) {
        assignment_.pair(target, target.parameters[i], *dataset);
      } else {
        const std::string path = weights ? weights->path + "/" + name : expected;
        assignment_.missing(target, target.parameters[i], "the file has no " + base::quoted(path));
      }
    }
  }

  void check_name(const KerasTarget& target, const KerasGroup& group) {
    const auto name = groups_.layer_name(group);
    if (!name || *name == target.keras->name) return;
    assignment_.problem(Errc::malformed, target.place + ": " + base::quoted(group.object.path) + " is of a layer " +
                                             base::quoted(*name));
  }

  const Hdf5& file_;
  KerasGroups groups_;
  KerasAssignment& assignment_;
};

}  // namespace

void match_groups(const Hdf5& file, KerasNetwork& network, KerasAssignment& assignment) {
  GroupMatcher(file, assignment).match(network);
}

}  // namespace lamina::format
