// What an expression of the text says, as data: numbers and strings are known, calls are only written down.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/source.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::architecture {

struct Value {
  enum class Kind : std::uint8_t {
    none,
    boolean,  // integer: 0 or 1
    integer,
    real,
    string,     // text
    name,       // text, with dots: "nn.ReLU"
    list,       // items
    tuple,      // items
    call,       // items: what is called, then the arguments
    attribute,  // items: the object; text: the name ("relu" of self.fc1(x).relu)
    subscript,  // items: the object, the index
  };

  Kind kind = Kind::none;
  std::size_t at = kNowhere;
  std::int64_t integer = 0;
  double real = 0;
  std::string text = {};
  std::string keyword = {};  // as an argument: its keyword, or empty
  std::vector<Value> items = {};

  [[nodiscard]] bool is(Kind other) const noexcept { return kind == other; }
  [[nodiscard]] bool is_name(std::string_view name) const noexcept { return kind == Kind::name && text == name; }
  [[nodiscard]] bool is_sequence() const noexcept { return kind == Kind::list || kind == Kind::tuple; }
};

[[nodiscard]] inline Value make_name(std::string text, std::size_t at) {
  return {.kind = Value::Kind::name, .at = at, .text = std::move(text)};
}
[[nodiscard]] inline Value make_integer(std::int64_t integer, std::size_t at) {
  return {.kind = Value::Kind::integer, .at = at, .integer = integer};
}

/// Number of nodes, for the budget that bounds copies of named values.
[[nodiscard]] std::size_t node_count(const Value& value);
[[nodiscard]] std::size_t depth(const Value& value);

/// For messages: "an integer", "the name 'x'".
[[nodiscard]] std::string describe(const Value& value);

}  // namespace lamina::format::architecture
