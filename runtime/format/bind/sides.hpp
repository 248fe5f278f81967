// Layers that take tensors, and tensors that a file gives, side by side: what binding brings together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/tensor_file.hpp"
#include "model/infer.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

inline constexpr std::size_t kNoTensor = static_cast<std::size_t>(-1);

/// A layer with at least one slot. tensors[i] is the index of the tensor for slots[i], or kNoTensor.
struct LayerSide {
  std::string name;   // with dots
  std::string place;  // "layer '0' (Linear)"
  std::vector<model::Slot> slots;
  std::vector<std::size_t> tensors;
  bool optional = false;  // constants that the architecture may have given already

  [[nodiscard]] std::string slot_name(std::size_t slot) const { return join(name, slots[slot].name); }
  /// "0.weight"; "weight" where the layer has no name.
  [[nodiscard]] static std::string join(const std::string& layer, const std::string& slot) {
    return layer.empty() ? slot : layer + "." + slot;
  }
};

/// Tensors whose names agree up to the last dot.
struct TensorGroup {
  std::string stem;
  std::vector<std::size_t> tensors;
};

/// Both sides, and what has been brought together so far. Not movable: `by_name` points into `tensors`.
class Sides {
 public:
  /// Borrows `network`; leaves aside num_batches_tracked and what does not start with `prefix`, which it takes off.
  Sides(model::Network& network, std::vector<NamedTensor> given, const std::string& prefix);
  Sides(const Sides&) = delete;
  Sides& operator=(const Sides&) = delete;

  std::vector<LayerSide> layers;
  std::vector<NamedTensor> tensors;
  std::vector<std::string> notes;

  /// Index of the tensor of this name, taken or not; kNoTensor.
  [[nodiscard]] std::size_t find(std::string_view name) const;
  void take(LayerSide& layer, std::size_t slot, std::size_t tensor);
  /// By the names of the slots; all of the group's tensors must have one.
  void take(LayerSide& layer, const TensorGroup& group);
  [[nodiscard]] bool is_taken(std::size_t tensor) const { return taken_[tensor]; }

  /// Layers with a slot that has no tensor yet.
  [[nodiscard]] std::vector<LayerSide*> open_layers();
  [[nodiscard]] std::vector<std::size_t> free_tensors() const;
  [[nodiscard]] std::vector<TensorGroup> free_groups() const;

  /// "0.weight [128, 784]".
  [[nodiscard]] std::string describe(std::size_t tensor) const;

 private:
  std::map<std::string_view, std::size_t> by_name_;
  std::vector<bool> taken_;
};

/// "fc1" of "fc1.weight"; "weight" of both. Empty stem where there is no dot.
[[nodiscard]] std::string_view stem_of(std::string_view tensor_name);
[[nodiscard]] std::string_view leaf_of(std::string_view tensor_name);

}  // namespace lamina::format
