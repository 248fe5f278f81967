// Keras's arrays -> tensors as PyTorch names and lays them out.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/bare_weights.hpp"

#include "base/fail.hpp"
#include "base/transpose.hpp"
#include "format/keras/groups.hpp"
#include "format/keras/parameters.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;
using Names = std::vector<std::string>;

struct Translation {
  std::string_view keras, torch;
};
constexpr std::array<Translation, 9> kTranslations = {{{"kernel", "weight"},
                                                       {"bias", "bias"},
                                                       {"gamma", "weight"},
                                                       {"beta", "bias"},
                                                       {"moving_mean", "running_mean"},
                                                       {"moving_variance", "running_var"},
                                                       {"alpha", "weight"},
                                                       {"mean", "shift"},
                                                       {"variance", "scale"}}};

std::string torch_name(std::string_view keras) {
  for (const Translation& row : kTranslations) {
    if (row.keras == keras) return std::string(row.torch);
  }
  return std::string(keras);
}

/// One feature's numbers are scalars, which broadcast to any shape.
Tensor scalar_of_one(const Tensor& value) { return value.size() == 1 ? value.reshaped({}) : value; }

Tensor deviation(const std::string& layer, Tensor variance) {
  try {
    return keras_deviation(std::move(variance));
  } catch (const Error& error) {
    throw base::with_prefix(error, "layer " + base::quoted(layer) + ": variance");
  }
}

void add(std::vector<NamedTensor>& tensors, const std::string& layer, std::string_view keras, Tensor value) {
  if (keras == "count") return;
  if (keras == "kernel" && value.rank() == 2) value = base::transposed(value);
  if (keras == "variance") value = deviation(layer, std::move(value));
  if (keras == "mean" || keras == "variance") value = scalar_of_one(value);
  tensors.emplace_back(layer + "." + torch_name(keras), std::move(value));
}

Hdf5Object dataset_of(const Hdf5& file, const SavedLayer& layer, const std::string& path) {
  std::optional<Hdf5Object> dataset = file.find(layer.group, path);
  if (!dataset || !file.is_dataset(*dataset)) {
    fail(Errc::missing_weight, "layer " + base::quoted(layer.name), "the file has no " + base::quoted(path));
  }
  return *std::move(dataset);
}

/// What the arrays of a class are, where their number leaves no doubt (gamma or beta may be absent).
Names array_names(std::string_view stem, std::size_t count) {
  if (stem == "dense" && count == 1) return {"kernel"};
  if (stem == "dense" && count == 2) return {"kernel", "bias"};
  if (stem == "p_re_lu" && count == 1) return {"alpha"};
  if (stem == "layer_normalization" && count == 2) return {"gamma", "beta"};
  if (stem == "batch_normalization" && count == 4) return {"gamma", "beta", "moving_mean", "moving_variance"};
  if (stem == "batch_normalization" && count == 2) return {"moving_mean", "moving_variance"};
  if (stem == "normalization" && count == 2) return {"mean", "variance"};
  if (stem == "normalization" && count == 3) return {"mean", "variance", "count"};
  Names numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

class NumberedReader {
 public:
  NumberedReader(const Hdf5& file, std::uint64_t most) : file_(file), groups_(file), most_(most) {}

  std::vector<NamedTensor> read() {
    open_.push_back({groups_.top(), ""});
    while (!open_.empty()) {
      const Container container = std::move(open_.back());
      open_.pop_back();
      read_container(container);
    }
    return std::move(tensors_);
  }

 private:
  struct Container {
    std::string path, names;
  };

  void read_container(const Container& container) {
    std::vector<KerasGroup> groups = groups_.all(container.path);
    std::sort(groups.begin(), groups.end(), [](const KerasGroup& a, const KerasGroup& b) {
      const KerasId left = keras_id(a.id), right = keras_id(b.id);
      return std::pair(left.stem, left.number) < std::pair(right.stem, right.number);
    });
    for (const KerasGroup& group : groups) read_group(container, group);
  }

  void read_group(const Container& container, const KerasGroup& group) {
    const std::string_view stem = keras_id(group.id).stem;
    const std::string name = container.names + groups_.layer_name(group).value_or(group.id);
    if (stem == "sequential" || stem == "functional") {
      open_.push_back({groups_.inside(container.path, group.id), name + "."});
    }
    const std::optional<Hdf5Object> weights = groups_.weights(group);
    if (!weights) return;
    const Names names = array_names(stem, file_.members(*weights).size());
    if (names.size() > most_ - tensors_.size())
      fail(Errc::limit_exceeded, "more than " + std::to_string(most_) + " weights");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::optional<Hdf5Object> dataset = file_.find(*weights, std::to_string(i));
      if (!dataset || !file_.is_dataset(*dataset)) {
        fail(Errc::missing_weight, base::quoted(weights->path), "has no array " + base::quoted(std::to_string(i)));
      }
      add(tensors_, name, names[i], file_.read(*dataset));
    }
  }

  const Hdf5& file_;
  KerasGroups groups_;
  std::uint64_t most_;
  std::vector<Container> open_;
  std::vector<NamedTensor> tensors_;
};

}  // namespace

std::vector<NamedTensor> named_weights(const Hdf5& file, const std::vector<SavedLayer>& saved) {
  std::vector<NamedTensor> tensors;
  for (const SavedLayer& layer : saved) {
    std::set<std::string_view> owners;
    for (const std::string& path : layer.weights) owners.insert(array_owner(path));
    for (const std::string& path : layer.weights) {
      const bool nested = owners.size() > 1;
      const std::string name = nested ? layer.name + "." + std::string(array_owner(path)) : layer.name;
      add(tensors, name, array_name(path), file.read(dataset_of(file, layer, path)));
    }
  }
  return tensors;
}

std::vector<NamedTensor> numbered_weights(const Hdf5& file, std::uint64_t most) {
  return NumberedReader(file, most).read();
}

}  // namespace lamina::format
