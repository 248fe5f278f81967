// The groups of a model.weights.h5 -> those of one class within one container, by number.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// "dense" and 1 of "dense_1"; 0 without a number.
struct KerasId {
  std::string_view stem;
  std::uint64_t number = 0;
};
[[nodiscard]] KerasId keras_id(std::string_view id);

struct KerasGroup {
  std::string id;  // "dense_1"
  Hdf5Object object;
};

/// Keras names a group after the layer's class and its number within its container: "layers/dense_1". Versions of
/// 2023 say "_layer_checkpoint_dependencies" and count a layer with weights twice; on Windows they write
/// "layers\dense_1" as one name at the root. A file keeps to one way. Borrows the file.
class KerasGroups {
 public:
  explicit KerasGroups(const Hdf5& file);

  /// Path of what the layers of the whole model lie in, and of a nested one: "layers/functional/layers/".
  [[nodiscard]] std::string top() const { return container_ + separator_; }
  [[nodiscard]] std::string inside(const std::string& container, std::string_view id) const {
    return container + std::string(id) + separator_ + container_ + separator_;
  }

  /// All groups of a container, as they come in the file.
  [[nodiscard]] std::vector<KerasGroup> all(const std::string& container) const;
  /// Those of a class ("Dense"), by number.
  [[nodiscard]] std::vector<KerasGroup> of_class(const std::string& container, std::string_view class_name) const;

  /// The weights "0", "1", ... of a group lie in this; nullopt where it has none.
  [[nodiscard]] std::optional<Hdf5Object> weights(const KerasGroup& group) const;
  /// The layer's own name, which Keras 3.6 and later write beside its weights.
  [[nodiscard]] std::optional<std::string> layer_name(const KerasGroup& group) const;

 private:
  void sort_flat_names(const std::vector<std::string>& names);

  const Hdf5& file_;
  std::string container_ = "layers";
  char separator_ = '/';
  std::map<std::string, std::vector<std::string>> flat_;  // names at the root by their container, without it
};

}  // namespace lamina::format
