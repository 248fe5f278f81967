// Network and named tensors -> the two sides of binding.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind/sides.hpp"

#include "base/fail.hpp"
#include "model/print.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::string_view kCounter = "num_batches_tracked";

/// Recursion is bounded: a Network nests at most Limits::nesting deep.
void collect(std::vector<model::Layer>& layers, const std::string& prefix, std::vector<LayerSide>& sides) {
  for (model::Layer& layer : layers) {
    const std::string name = prefix + layer.name;
    if (auto* nested = std::get_if<model::Sequential>(&layer.op)) {
      collect(nested->layers, name + ".", sides);
      continue;
    }
    LayerSide side;
    side.slots = model::weight_slots(layer);
    if (side.slots.empty()) continue;
    side.name = name;
    side.place = "layer " + base::quoted(name) + " (" + model::torch_class(layer) + ")";
    side.tensors.assign(side.slots.size(), kNoTensor);
    side.optional = std::holds_alternative<model::Affine>(layer.op);
    sides.push_back(std::move(side));
  }
}

std::vector<NamedTensor> without_prefix(std::vector<NamedTensor> given, const std::string& prefix) {
  if (prefix.empty()) return given;
  // "actor" is meant as "actor.": no layer's name starts within a word.
  const std::string whole = prefix.back() == '.' ? prefix : prefix + ".";
  std::vector<NamedTensor> kept;
  for (NamedTensor& tensor : given) {
    if (!tensor.first.starts_with(whole)) continue;
    tensor.first.erase(0, whole.size());
    kept.push_back(std::move(tensor));
  }
  if (kept.empty()) {
    const std::string example = given.empty() ? "no tensors at all" : base::quoted(given.front().first) + ", ...";
    base::fail(Errc::missing_weight, "prefix " + base::quoted(whole), "names of tensors", "one that starts so",
               example);
  }
  return kept;
}

}  // namespace

std::string_view stem_of(std::string_view tensor_name) {
  const std::size_t dot = tensor_name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : tensor_name.substr(0, dot);
}

std::string_view leaf_of(std::string_view tensor_name) { return tensor_name.substr(tensor_name.rfind('.') + 1); }

Sides::Sides(model::Network& network, std::vector<NamedTensor> given, const std::string& prefix) {
  collect(network.layers, {}, layers);
  tensors = without_prefix(std::move(given), prefix);
  std::erase_if(tensors, [](const NamedTensor& tensor) { return leaf_of(tensor.first) == kCounter; });
  taken_.assign(tensors.size(), false);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!by_name_.emplace(tensors[i].first, i).second) {
      base::fail(Errc::malformed, "tensor " + base::quoted(tensors[i].first), "is given twice");
    }
  }
}

std::size_t Sides::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNoTensor : found->second;
}

void Sides::take(LayerSide& layer, std::size_t slot, std::size_t tensor) {
  layer.tensors[slot] = tensor;
  taken_[tensor] = true;
}

void Sides::take(LayerSide& layer, const TensorGroup& group) {
  for (const std::size_t tensor : group.tensors) {
    const std::string_view leaf = leaf_of(tensors[tensor].first);
    const auto slot =
        std::find_if(layer.slots.begin(), layer.slots.end(), [&](const auto& s) { return s.name == leaf; });
    take(layer, static_cast<std::size_t>(slot - layer.slots.begin()), tensor);
  }
}

std::vector<LayerSide*> Sides::open_layers() {
  std::vector<LayerSide*> open;
  for (LayerSide& layer : layers) {
    if (std::find(layer.tensors.begin(), layer.tensors.end(), kNoTensor) != layer.tensors.end()) open.push_back(&layer);
  }
  return open;
}

std::vector<std::size_t> Sides::free_tensors() const {
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!taken_[i]) free.push_back(i);
  }
  return free;
}

std::vector<TensorGroup> Sides::free_groups() const {
  std::vector<TensorGroup> groups;
  std::map<std::string_view, std::size_t> by_stem;
  for (const std::size_t tensor : free_tensors()) {
    const std::string_view stem = stem_of(tensors[tensor].first);
    const auto [place, is_new] = by_stem.emplace(stem, groups.size());
    if (is_new) groups.push_back({std::string(stem), {}});
    groups[place->second].tensors.push_back(tensor);
  }
  return groups;
}

std::string Sides::describe(std::size_t tensor) const {
  return base::quoted(tensors[tensor].first) + " " + to_string(tensors[tensor].second.shape());
}

}  // namespace lamina::format
