// JSON object (config.json) -> arguments of __init__ as Python's literals.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/configuration.hpp"

#include "base/fail.hpp"
#include "format/architecture/token.hpp"
#include "format/container/json.hpp"
#include "model/print.hpp"

#include <cstdint>
#include <optional>

namespace lamina::format::architecture {
namespace {

std::optional<std::string> literal_of(const Json& json);

/// nullopt where one of them has none. Recursion is bounded by the depth that parse_json allows.
std::optional<std::string> list_of(const JsonArray& values) {
  std::string text = "[";
  for (const Json& value : values) {
    const std::optional<std::string> literal = literal_of(value);
    if (!literal) return std::nullopt;
    text += (text.size() > 1 ? ", " : "") + *literal;
  }
  return text + "]";
}

std::optional<std::string> literal_of(const Json& json) {
  if (json.is_null()) return "None";
  if (json.is_string()) return quote_string(json.string("value"));
  if (json.is_array()) return list_of(json.array("value"));
  if (json.is_object()) return std::nullopt;
  if (const bool* boolean = std::get_if<bool>(&json.value)) return *boolean ? "True" : "False";
  if (const auto* integer = std::get_if<std::int64_t>(&json.value)) return std::to_string(*integer);
  if (const auto* large = std::get_if<std::uint64_t>(&json.value)) return std::to_string(*large);
  return model::python_float(json.number("value"));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> configuration_arguments(std::string_view json, const Limits& limits) {
  std::vector<std::pair<std::string, std::string>> arguments;
  try {
    const Json root = parse_json(json, {.bytes = limits.text_bytes, .depth = 16});
    for (const auto& [name, value] : root.object("top level")) {
      if (std::optional<std::string> literal = literal_of(value)) arguments.emplace_back(name, std::move(*literal));
    }
  } catch (const Error& error) {
    throw base::with_prefix(error, "configuration");
  }
  return arguments;
}

}  // namespace lamina::format::architecture
