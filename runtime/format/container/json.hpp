// JSON text -> a tree, with limits on depth, keys and strings; duplicate keys and trailing bytes refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lamina::format {

struct Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;  // in file order

/// Numbers keep whether they were written as integers. Destruction is not recursive beyond the depth limit (64).
struct Json {
  using Value =
      std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, JsonArray, JsonObject>;
  Value value;

  // Clang 14 needs the constructors to be declared: it asks a member's pair about them while Json is incomplete.
  Json() noexcept {}                      // NOLINT(modernize-use-equals-default): the same
  Json(Value v) : value(std::move(v)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_null() const noexcept { return std::holds_alternative<std::nullptr_t>(value); }
  [[nodiscard]] bool is_object() const noexcept { return std::holds_alternative<JsonObject>(value); }
  [[nodiscard]] bool is_array() const noexcept { return std::holds_alternative<JsonArray>(value); }
  [[nodiscard]] bool is_string() const noexcept { return std::holds_alternative<std::string>(value); }
  /// The member, or null; null too where this is no object.
  [[nodiscard]] const Json* find(std::string_view key) const noexcept;

  // Typed access: throw Error{malformed, "place: expected a string, got a number"}.
  [[nodiscard]] const std::string& string(std::string_view place) const;
  [[nodiscard]] std::int64_t integer(std::string_view place) const;
  [[nodiscard]] double number(std::string_view place) const;
  [[nodiscard]] bool boolean(std::string_view place) const;
  [[nodiscard]] const JsonArray& array(std::string_view place) const;
  [[nodiscard]] const JsonObject& object(std::string_view place) const;
};

struct JsonLimits {
  std::uint64_t bytes = std::uint64_t{64} << 20;
  std::uint64_t depth = 64;
  std::uint64_t values = 1'000'000;  // keys and elements together
  std::uint64_t string_bytes = std::uint64_t{1} << 20;
};

/// Throws Error{malformed, limit_exceeded} with line and column.
[[nodiscard]] Json parse_json(std::string_view text, const JsonLimits& limits = {});

/// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace lamina::format
