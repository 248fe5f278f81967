// A node's attributes, read by name; the ones that nobody has asked for are refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/graph.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::onnx {

class Attributes {
 public:
  explicit Attributes(const Node& node) : node_(node), used_(node.proto->attributes.size()) {}

  [[nodiscard]] bool has(std::string_view name) const noexcept;
  /// Attributes are float32; the double is the shortest decimal that stands for it, as a person wrote it (0.01).
  /// Throws Error{malformed} for an attribute of another type, like all of these.
  [[nodiscard]] double number(std::string_view name, double absent);
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t absent);
  [[nodiscard]] std::string text(std::string_view name, std::string_view absent);
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name);
  [[nodiscard]] std::vector<float> floats(std::string_view name);
  /// nullptr where there is none.
  [[nodiscard]] const TensorProto* tensor(std::string_view name);
  /// Marks an attribute that no answer depends on.
  void ignore(std::string_view name) { (void)find(name); }
  /// Throws Error{unsupported_feature} for an attribute with another value.
  void require(std::string_view name, std::int64_t value, std::string_view why);

  /// Throws Error{unsupported_feature} that names the attributes which nobody has asked for.
  void refuse_rest() const;

 private:
  const Attribute* find(std::string_view name);
  template <class T>
  const T* get(std::string_view name, std::string_view type);

  const Node& node_;
  std::vector<bool> used_;
};

/// 0.1f -> 0.1: the shortest decimal that reads back as the same float32.
[[nodiscard]] double shortest(float value);

}  // namespace lamina::format::onnx
