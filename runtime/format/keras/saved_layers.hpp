// The weights of a legacy .h5 -> its layers with the paths of their arrays, in Keras's order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// A layer of the file that has weights; a nested model is one layer with the weights of all that it holds.
struct SavedLayer {
  std::string name;
  Hdf5Object group;
  std::vector<std::string> weights;  // paths below the group: "dense/kernel:0"
};

/// The group with the attribute layer_names: /model_weights, or the root of a file of save_weights().
[[nodiscard]] std::optional<Hdf5Object> saved_weights(const Hdf5& file);

/// Throws Error{malformed} for a layer without its group, Error{limit_exceeded} beyond `most` layers and arrays.
[[nodiscard]] std::vector<SavedLayer> saved_layers(const Hdf5& file, const Hdf5Object& weights, std::uint64_t most);

/// "kernel" of "sequential/dense/kernel:0", also of Keras 1's "dense_1_W"; the last part where it is no name of
/// Keras's.
[[nodiscard]] std::string_view array_name(std::string_view path);
/// "dense" of the same; empty where there is none.
[[nodiscard]] std::string_view array_owner(std::string_view path);

}  // namespace lamina::format
