// Names and shapes of tensors -> the plain network that they could belong to, as text for a person to confirm.
// SPDX-License-Identifier: Apache-2.0
#include "format/guess.hpp"

#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/bind.hpp"
#include "format/bind/numbered.hpp"
#include "format/bind/sides.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace lamina::format {
namespace {

enum class Kind : std::uint8_t { linear, batch_norm, layer_norm, prelu };

struct GuessedLayer {
  std::string stem;
  Kind kind = Kind::linear;
  std::int64_t inputs = 0, outputs = 0;
  std::string text;
};

using Parts = std::map<std::string, Shape, std::less<>>;  // "weight" -> its shape

/// The layer that takes just these tensors.
std::optional<GuessedLayer> layer_of(const std::string& stem, const Parts& parts) {
  const auto has = [&](std::string_view leaf, const Shape& shape) {
    const auto found = parts.find(leaf);
    return found != parts.end() && found->second == shape;
  };
  const Shape first = parts.begin()->second;
  const auto weight = parts.find("weight");
  if (weight != parts.end() && weight->second.size() == 2) {
    const std::int64_t outputs = weight->second[0], inputs = weight->second[1];
    if (parts.size() != 1 && !(parts.size() == 2 && has("bias", {outputs}))) return std::nullopt;
    return GuessedLayer{stem, Kind::linear, inputs, outputs,
                        "nn.Linear(" + std::to_string(inputs) + ", " + std::to_string(outputs) +
                            (parts.size() == 2 ? ")" : ", bias=False)")};
  }
  if (first.size() != 1) return std::nullopt;
  const std::int64_t size = first[0];
  const std::string number = std::to_string(size);
  const bool affine = has("weight", first) && has("bias", first);
  if (has("running_mean", first) && has("running_var", first) && (affine ? parts.size() == 4 : parts.size() == 2)) {
    return GuessedLayer{stem, Kind::batch_norm, size, size,
                        "nn.BatchNorm1d(" + number + (affine ? ")" : ", affine=False)")};
  }
  if (affine && parts.size() == 2)
    return GuessedLayer{stem, Kind::layer_norm, size, size, "nn.LayerNorm(" + number + ")"};
  if (has("weight", first) && parts.size() == 1) {
    return GuessedLayer{stem, Kind::prelu, size, size, "nn.PReLU(" + (size == 1 ? "" : number) + ")"};
  }
  return std::nullopt;
}

/// One layer per stem, in the order of the file. What is no tensor of such a layer goes into `obstacle`.
std::vector<GuessedLayer> layers_of(const std::vector<NamedTensor>& tensors, std::string& obstacle) {
  std::vector<std::pair<std::string, Parts>> groups;
  std::map<std::string_view, std::size_t> by_stem;
  for (const auto& [name, tensor] : tensors) {
    const auto [place, is_new] = by_stem.emplace(stem_of(name), groups.size());
    if (is_new) groups.emplace_back(stem_of(name), Parts());
    groups[place->second].second.emplace(leaf_of(name), tensor.shape());
  }
  std::vector<GuessedLayer> layers;
  for (const auto& [stem, parts] : groups) {
    std::optional<GuessedLayer> layer = layer_of(stem, parts);
    if (!layer) {
      const auto& [leaf, shape] = *parts.begin();
      obstacle = base::quoted(LayerSide::join(stem, leaf)) + " " + to_string(shape) +
                 " does not look like a part of Linear, BatchNorm1d, LayerNorm or PReLU";
      return {};
    }
    layers.push_back(std::move(*layer));
  }
  return layers;
}

// Words in the names of layers that lamina does not run.
constexpr std::array<std::string_view, 3> kTransformer = {"attention", "attn", "embed"};
constexpr std::array<std::string_view, 2> kOther = {"lstm", "conv"};

template <std::size_t N>
bool names_one_of(const std::string& stem, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return stem.find(word) != std::string::npos; });
}

/// The first one of such a name; nullptr where there is none.
const GuessedLayer* foreign_layer(const std::vector<GuessedLayer>& layers) {
  const auto found = std::find_if(layers.begin(), layers.end(), [](const GuessedLayer& layer) {
    return names_one_of(layer.stem, kTransformer) || names_one_of(layer.stem, kOther);
  });
  return found == layers.end() ? nullptr : &*found;
}

bool is_chain(const std::vector<GuessedLayer>& layers) {
  std::optional<std::int64_t> width;
  for (const GuessedLayer& layer : layers) {
    const bool any = layer.kind == Kind::prelu && layer.inputs == 1;  // one slope for all
    if (any) continue;
    if (width && *width != layer.inputs) return false;
    width = layer.outputs;
  }
  return width.has_value();
}

/// fc2 before fc10, and fc1 before bn1.
void sort_by_numbers(std::vector<GuessedLayer>& layers) {
  std::stable_sort(layers.begin(), layers.end(), [](const GuessedLayer& a, const GuessedLayer& b) {
    const std::vector<std::uint64_t> x = numbered(a.stem).numbers, y = numbered(b.stem).numbers;
    return x != y ? x < y : a.kind == Kind::linear && b.kind != Kind::linear;
  });
}

/// Linear layers in the only order in which each takes what the one before gives; false where there are more or none.
bool sort_by_sizes(std::vector<GuessedLayer>& layers) {
  const auto takes = [](const GuessedLayer& layer, const GuessedLayer& before) {
    return layer.inputs == before.outputs;
  };
  for (std::size_t done = 0; done < layers.size(); ++done) {
    std::size_t next = layers.size();
    for (std::size_t i = done; i < layers.size(); ++i) {
      const bool fits = done > 0 ? takes(layers[i], layers[done - 1])
                                 : std::none_of(layers.begin(), layers.end(),
                                                [&](const GuessedLayer& other) { return takes(layers[i], other); });
      if (!fits) continue;
      if (next != layers.size()) return false;
      next = i;
    }
    if (next == layers.size()) return false;
    std::swap(layers[done], layers[next]);
  }
  return true;
}

bool put_in_order(std::vector<GuessedLayer>& layers) {
  const bool one_skeleton = std::all_of(layers.begin(), layers.end(), [&](const GuessedLayer& layer) {
    return numbered(layer.stem).skeleton == numbered(layers.front().stem).skeleton;
  });
  if (!one_skeleton && is_chain(layers)) return true;
  sort_by_numbers(layers);
  if (is_chain(layers)) return true;
  const bool all_linear =
      std::all_of(layers.begin(), layers.end(), [](const GuessedLayer& layer) { return layer.kind == Kind::linear; });
  return all_linear && !one_skeleton && sort_by_sizes(layers);
}

/// Layers without weights that the numbers of an nn.Sequential leave room for: 0.weight and 3.weight have two between.
std::uint64_t room_between(const GuessedLayer& before, const GuessedLayer& after) {
  const Numbered a = numbered(before.stem), b = numbered(after.stem);
  const bool within_one = a.skeleton == b.skeleton && (a.skeleton == "#" || a.skeleton.ends_with(".#")) &&
                          std::equal(a.numbers.begin(), a.numbers.end() - 1, b.numbers.begin());
  return within_one && b.numbers.back() > a.numbers.back() ? b.numbers.back() - a.numbers.back() - 1 : 0;
}

/// A ReLU before each Linear but the first, unless a PReLU is there; nn.Dropout where the numbers leave more room.
/// `stems` gets the name that each layer has in the text, with its stem.
std::string text_of(const std::vector<GuessedLayer>& layers, std::vector<std::pair<std::string, std::string>>& stems) {
  constexpr std::uint64_t kMostDropouts = 3;
  std::string text;
  std::size_t count = 0;
  bool activated = true;  // what comes first needs no activation before it
  const auto add = [&](const std::string& layer) {
    text += (count == 0 ? "" : ", ") + layer;
    ++count;
  };
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::uint64_t room = i == 0 ? 0 : room_between(layers[i - 1], layers[i]);
    if (layers[i].kind == Kind::linear && !activated) {
      add("nn.ReLU()");
      for (std::uint64_t extra = 1; extra < std::min(room, kMostDropouts); ++extra) add("nn.Dropout()");
    }
    if (layers[i].kind == Kind::linear) activated = false;
    if (layers[i].kind == Kind::prelu) activated = true;
    stems.emplace_back(std::to_string(count), layers[i].stem);
    add(layers[i].text);
  }
  return "nn.Sequential(" + text + ")";
}

bool binds(const std::string& text, const std::vector<NamedTensor>& tensors, bool ordered,
           const std::vector<std::pair<std::string, std::string>>& map) {
  try {
    LoadOptions options;
    options.map = map;
    (void)bind(parse_architecture(text, {}), tensors, ordered, options);
    return true;
  } catch (const Error&) {
    return false;  // then it is no guess to give
  }
}

}  // namespace

Guess guess_architecture(const std::vector<NamedTensor>& tensors, bool ordered) {
  Guess guess;
  std::vector<GuessedLayer> layers = layers_of(tensors, guess.obstacle);
  if (layers.empty()) return guess;
  if (const GuessedLayer* foreign = foreign_layer(layers)) {
    guess.is_transformer = names_one_of(foreign->stem, kTransformer);
    guess.obstacle = base::quoted(foreign->stem) + " is no dense layer, by its name: lamina runs no transformers, " +
                     "convolutions or recurrent networks";
    return guess;
  }
  constexpr std::size_t kMostLayers = 1000;  // to guess at; sorting by sizes takes their square
  if (layers.size() > kMostLayers) {
    guess.obstacle = "there are more than 1000 layers";
    return guess;
  }
  if (!put_in_order(layers)) {
    guess.obstacle = "their sizes form no single chain of layers";
    return guess;
  }
  std::vector<std::pair<std::string, std::string>> stems;
  const std::string text = text_of(layers, stems);
  if (binds(text, tensors, ordered, {})) {
    guess.text = text;
  } else if (binds(text, tensors, ordered, stems)) {
    guess.text = text;
    guess.map = std::move(stems);
  } else {
    guess.obstacle = "their names do not tell which layer they belong to";
  }
  return guess;
}

}  // namespace lamina::format
