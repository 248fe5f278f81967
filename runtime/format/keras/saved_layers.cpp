// layer_names and weight_names, which Keras cuts into pieces where they are long.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/saved_layers.hpp"

#include "base/fail.hpp"

#include <iterator>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kLayerNames = "layer_names";
constexpr std::string_view kWeightNames = "weight_names";

/// One attribute, or NAME0, NAME1, ... where all together would not fit into an object's header (64 KiB).
std::optional<std::vector<std::string>> names(const Hdf5& file, const Hdf5Object& object, std::string_view name) {
  if (auto whole = file.texts(object, name)) return whole;
  std::optional<std::vector<std::string>> joined;
  for (std::size_t i = 0;; ++i) {
    auto piece = file.texts(object, std::string(name) + std::to_string(i));
    if (!piece) return joined;
    if (!joined) joined.emplace();
    joined->insert(joined->end(), std::make_move_iterator(piece->begin()), std::make_move_iterator(piece->end()));
  }
}

Hdf5Object group_of(const Hdf5& file, const Hdf5Object& weights, const std::string& name) {
  std::optional<Hdf5Object> group = file.find(weights, name);
  if (!group || file.is_dataset(*group)) {
    fail(Errc::malformed, "layer " + base::quoted(name), "is in layer_names, but has no group");
  }
  return *std::move(group);
}

}  // namespace

std::optional<Hdf5Object> saved_weights(const Hdf5& file) {
  std::optional<Hdf5Object> weights = file.find(file.root(), "model_weights");
  if (weights && !file.is_dataset(*weights)) return weights;
  return names(file, file.root(), kLayerNames) ? std::optional(file.root()) : std::nullopt;
}

std::vector<SavedLayer> saved_layers(const Hdf5& file, const Hdf5Object& weights, std::uint64_t most) {
  const auto layers = names(file, weights, kLayerNames);
  if (!layers) fail(Errc::malformed, base::quoted(weights.path), "has no attribute layer_names");
  std::vector<SavedLayer> saved;
  std::uint64_t arrays = layers->size();
  for (const std::string& name : *layers) {
    SavedLayer layer{name, group_of(file, weights, name), {}};
    auto paths = names(file, layer.group, kWeightNames);
    if (!paths) fail(Errc::malformed, "layer " + base::quoted(name), "has no attribute weight_names");
    arrays += paths->size();
    if (arrays > most) fail(Errc::limit_exceeded, "more than " + std::to_string(most) + " layers and weights");
    layer.weights = std::move(*paths);
    if (!layer.weights.empty()) saved.push_back(std::move(layer));
  }
  return saved;
}

std::string_view array_name(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  path = path.substr(0, path.find(':'));
  if (path.ends_with("_W")) return "kernel";
  if (path.ends_with("_b")) return "bias";
  return path;
}

std::string_view array_owner(std::string_view path) {
  const std::size_t end = path.rfind('/');
  if (end == std::string_view::npos) return {};
  path = path.substr(0, end);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace lamina::format
