// A node's attributes, read by name.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/attributes.hpp"

#include "base/fail.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace lamina::format::onnx {

using base::fail;

double shortest(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> text = {};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double result = value;
  std::from_chars(text.data(), written.ptr, result);
  return result;
}

bool Attributes::has(std::string_view name) const noexcept {
  for (const Attribute& attribute : node_.proto->attributes) {
    if (attribute.name == name) return true;
  }
  return false;
}

const Attribute* Attributes::find(std::string_view name) {
  const Attribute* found = nullptr;
  const auto& attributes = node_.proto->attributes;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i].name != name) continue;
    if (found != nullptr) fail(Errc::malformed, "attribute " + base::quoted(name), "is there twice");
    found = &attributes[i];
    used_[i] = true;
  }
  return found;
}

template <class T>
const T* Attributes::get(std::string_view name, std::string_view type) {
  const Attribute* attribute = find(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(&attribute->value);
  if (value == nullptr) fail(Errc::malformed, "attribute " + base::quoted(name), "is no " + std::string(type));
  return value;
}

double Attributes::number(std::string_view name, double absent) {
  const float* value = get<float>(name, "float");
  return value == nullptr ? absent : shortest(*value);
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t absent) {
  const std::int64_t* value = get<std::int64_t>(name, "integer");
  return value == nullptr ? absent : *value;
}

std::string Attributes::text(std::string_view name, std::string_view absent) {
  const std::string* value = get<std::string>(name, "string");
  return value == nullptr ? std::string(absent) : *value;
}

std::vector<std::int64_t> Attributes::integers(std::string_view name) {
  const auto* value = get<std::vector<std::int64_t>>(name, "list of integers");
  return value == nullptr ? std::vector<std::int64_t>() : *value;
}

std::vector<float> Attributes::floats(std::string_view name) {
  const auto* value = get<std::vector<float>>(name, "list of floats");
  return value == nullptr ? std::vector<float>() : *value;
}

const TensorProto* Attributes::tensor(std::string_view name) { return get<TensorProto>(name, "tensor"); }

void Attributes::require(std::string_view name, std::int64_t value, std::string_view why) {
  const std::int64_t got = integer(name, value);
  if (got == value) return;
  fail(Errc::unsupported_feature, std::string(name) + "=" + std::to_string(got), why);
}

void Attributes::refuse_rest() const {
  const auto& attributes = node_.proto->attributes;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (used_[i]) continue;
    const auto* other = std::get_if<OtherAttribute>(&attributes[i].value);
    fail(Errc::unsupported_feature, "attribute " + base::quoted(attributes[i].name),
         other == nullptr ? "is not known for this operator" : "holds " + other->kind);
  }
}

}  // namespace lamina::format::onnx
