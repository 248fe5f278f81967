// The pickled __dict__ of a torch.nn module -> typed hyper-parameters; what nobody asked for is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/pickle.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

class TorchAttributes {
 public:
  /// `place` starts each message: "layer '0' (Linear)". Assumed defaults go to `notes`.
  /// Throws Error{malformed} where the module has no attributes.
  TorchAttributes(const PickleGraph& graph, ObjectId instance, std::string place, std::vector<std::string>& notes);

  [[nodiscard]] std::string_view class_name() const noexcept { return class_name_; }
  [[nodiscard]] const std::string& place() const noexcept { return place_; }

  // Each takes its attribute, so that refuse_rest() lets it pass. Without a default the attribute must be there;
  // else it may be missing, as in files of a torch that did not have it yet. Throw Error{malformed}.
  [[nodiscard]] std::int64_t integer(std::string_view name, std::optional<std::int64_t> absent = {});
  [[nodiscard]] double number(std::string_view name, std::optional<double> absent = {});
  [[nodiscard]] bool boolean(std::string_view name, bool absent);
  [[nodiscard]] std::string_view text(std::string_view name, std::string_view absent);
  [[nodiscard]] Shape shape(std::string_view name);
  /// True where the attribute is there and not None; takes it where it is None.
  [[nodiscard]] bool given(std::string_view name);
  /// A dict that every module has: "_modules". Throws Error{malformed} where it is missing.
  [[nodiscard]] ObjectId dict(std::string_view name);
  /// True where _parameters or _buffers (`dict`) has the tensor and it is not None.
  [[nodiscard]] bool has_tensor(std::string_view dict, std::string_view name) const;
  /// Throws Error{unsupported_feature} for each attribute (a hook, say) that was not taken and is not empty.
  void refuse_rest() const;

 private:
  [[nodiscard]] std::optional<ObjectId> take(std::string_view name, bool required, const std::string& absent = {});
  void check_size(ObjectId dict, std::string_view what) const;
  [[noreturn]] void wrong(std::string_view name, std::string_view expected, ObjectId got) const;

  const PickleGraph& graph_;
  ObjectId state_;
  std::string_view class_name_;
  std::string place_;
  std::vector<std::string>& notes_;
  std::set<std::string_view> taken_;
};

}  // namespace lamina::format
