// Names and shapes of tensors -> what to say when nothing says which network they belong to.
// SPDX-License-Identifier: Apache-2.0
#include "format/missing_architecture.hpp"

#include "base/fail.hpp"
#include "format/bind/numbered.hpp"
#include "format/bind/sides.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace lamina::format {
namespace {

struct GuessedLinear {
  std::string stem;
  std::int64_t inputs = 0, outputs = 0;
  bool has_bias = false;
};

/// The Linear layers that the tensors would be, in natural order of their names where these differ by numbers alone;
/// nullopt where some tensors are no weight or bias of a Linear.
std::optional<std::vector<GuessedLinear>> guess_layers(const std::vector<NamedTensor>& tensors) {
  std::vector<GuessedLinear> layers;
  std::map<std::string_view, std::size_t> by_stem;
  for (const auto& [name, tensor] : tensors) {
    if (leaf_of(name) != "weight" || tensor.rank() != 2) continue;
    by_stem.emplace(stem_of(name), layers.size());
    layers.push_back({std::string(stem_of(name)), tensor.shape()[1], tensor.shape()[0], false});
  }
  for (const auto& [name, tensor] : tensors) {
    const auto found = by_stem.find(stem_of(name));
    if (found == by_stem.end()) return std::nullopt;
    if (leaf_of(name) == "weight") continue;
    GuessedLinear& layer = layers[found->second];
    if (leaf_of(name) != "bias" || tensor.shape() != Shape{layer.outputs}) return std::nullopt;
    layer.has_bias = true;
  }
  const bool one_skeleton = std::all_of(layers.begin(), layers.end(), [&](const GuessedLinear& layer) {
    return numbered(layer.stem).skeleton == numbered(layers.front().stem).skeleton;
  });
  if (one_skeleton) {
    std::stable_sort(layers.begin(), layers.end(), [](const GuessedLinear& a, const GuessedLinear& b) {
      return numbered(a.stem).numbers < numbered(b.stem).numbers;
    });
  }
  return layers;
}

/// "nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))", or empty where the sizes form no chain.
std::string guess_text(const std::vector<NamedTensor>& tensors) {
  const std::optional<std::vector<GuessedLinear>> layers = guess_layers(tensors);
  if (!layers || layers->empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < layers->size(); ++i) {
    const GuessedLinear& layer = (*layers)[i];
    if (i > 0 && (*layers)[i - 1].outputs != layer.inputs) return {};
    if (i > 0) text += ", nn.ReLU(), ";
    text += "nn.Linear(" + std::to_string(layer.inputs) + ", " + std::to_string(layer.outputs) +
            (layer.has_bias ? ")" : ", bias=False)");
  }
  return "nn.Sequential(" + text + ")";
}

}  // namespace

Error missing_architecture(const Contents& contents) {
  constexpr std::size_t kListed = 20;
  constexpr std::size_t kLongestGuess = 400;
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < std::min(kListed, contents.tensors.size()); ++i) {
    const auto& [name, tensor] = contents.tensors[i];
    problems.push_back(base::quoted(name) + " " + to_string(tensor.shape()));
  }
  if (contents.tensors.size() > kListed) {
    problems.push_back("and " + std::to_string(contents.tensors.size() - kListed) + " more");
  }
  std::string message = contents.format + ": the file holds " + std::to_string(contents.tensors.size()) +
                        " tensors and not the network that they belong to: give its architecture (--arch)";
  const std::string guess = guess_text(contents.tensors);
  if (!guess.empty() && guess.size() <= kLongestGuess) {
    message += "; a guess from the shapes, where the activations are unknown: " + guess;
  }
  return {Errc::invalid_argument, std::move(message), std::move(problems)};
}

}  // namespace lamina::format
