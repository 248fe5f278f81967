// Value -> its size and its description. Trees are at most kMaxDepth deep (the parser sees to it).
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/value.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace lamina::format::architecture {

std::size_t node_count(const Value& value) {
  std::size_t count = 1;
  for (const Value& item : value.items) count += node_count(item);
  return count;
}

std::size_t depth(const Value& value) {
  std::size_t deepest = 0;
  for (const Value& item : value.items) deepest = std::max(deepest, depth(item));
  return deepest + 1;
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::none:
      return "None";
    case Value::Kind::boolean:
      return value.integer != 0 ? "True" : "False";
    case Value::Kind::integer:
      return std::to_string(value.integer);
    case Value::Kind::real:
      return "a decimal number";
    case Value::Kind::string:
      return base::quoted(value.text);
    case Value::Kind::name:
      return "the unknown name " + base::quoted(value.text);
    case Value::Kind::list:
      return "a list";
    case Value::Kind::tuple:
      return "a tuple";
    case Value::Kind::call:
      return "a call";
    case Value::Kind::attribute:
      return "attribute " + base::quoted(value.text);
    case Value::Kind::subscript:
      return "an indexed value";
  }
  return "a value";
}

}  // namespace lamina::format::architecture
