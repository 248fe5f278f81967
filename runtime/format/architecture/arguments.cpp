// Binding by position and keyword, as Python does it.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/arguments.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace lamina::format::architecture {

using Kind = Value::Kind;

Arguments::Arguments(const Source& source, std::string_view callee, const Value& call, ParameterNames names,
                     std::size_t first)
    : source_(source), callee_(callee), call_(call), names_(names), values_(names.size(), nullptr) {
  std::size_t position = 0;
  for (std::size_t i = first; i < call.items.size(); ++i) {
    const Value& value = call.items[i];
    if (value.keyword.empty()) {
      if (position >= names.size()) {
        source.fail(Errc::malformed, value.at,
                    std::string(callee) + ": too many arguments: it takes " + std::to_string(names.size()));
      }
      bind(position++, value);
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), value.keyword);
    if (found == names.end()) {
      source.fail(Errc::malformed, value.at,
                  std::string(callee) + ": unknown argument " + base::quoted(value.keyword) +
                      base::did_you_mean(value.keyword, names.data(), names.size()));
    }
    bind(static_cast<std::size_t>(found - names.begin()), value);
  }
}

void Arguments::bind(std::size_t index, const Value& value) {
  if (values_[index] != nullptr) fail(Errc::malformed, names_[index], "given twice");
  values_[index] = &value;
}

const Value* Arguments::find(std::string_view name) const noexcept {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? nullptr : values_[static_cast<std::size_t>(found - names_.begin())];
}

bool Arguments::has(std::string_view name) const noexcept {
  const Value* value = find(name);
  return value != nullptr && !value->is(Kind::none);
}

const Value& Arguments::required(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) {
    source_.fail(Errc::malformed, call_.at, std::string(callee_) + ": argument '" + std::string(name) + "' is missing");
  }
  return *value;
}

void Arguments::fail(Errc code, std::string_view name, std::string_view what) const {
  const Value* value = find(name);
  source_.fail(code, value != nullptr ? value->at : call_.at,
               std::string(callee_).append(": ").append(name).append(": ").append(what));
}

void Arguments::fail_type(std::string_view name, std::string_view expected, const Value& got) const {
  fail(Errc::malformed, name, "expected " + std::string(expected) + ", got " + describe(got));
}

std::int64_t Arguments::integer(std::string_view name, std::optional<std::int64_t> fallback) const {
  if (fallback && find(name) == nullptr) return *fallback;
  const Value& value = required(name);
  if (!value.is(Kind::integer)) fail_type(name, "an integer", value);
  return value.integer;
}

double Arguments::real(std::string_view name, std::optional<double> fallback) const {
  if (fallback && find(name) == nullptr) return *fallback;
  const Value& value = required(name);
  if (value.is(Kind::integer)) return static_cast<double>(value.integer);
  if (!value.is(Kind::real)) fail_type(name, "a number", value);
  return value.real;
}

bool Arguments::boolean(std::string_view name, std::optional<bool> fallback) const {
  if (fallback && find(name) == nullptr) return *fallback;
  const Value& value = required(name);
  if (!value.is(Kind::boolean)) fail_type(name, "True or False", value);
  return value.integer != 0;
}

std::string Arguments::string(std::string_view name, std::optional<std::string> fallback) const {
  if (fallback && find(name) == nullptr) return *fallback;
  const Value& value = required(name);
  if (!value.is(Kind::string)) fail_type(name, "a string", value);
  return value.text;
}

std::vector<std::int64_t> Arguments::integers(std::string_view name, bool lone) const {
  const Value& value = required(name);
  if (lone && value.is(Kind::integer)) return {value.integer};
  if (!value.is_sequence()) {
    fail_type(name, lone ? "an integer or a tuple of integers" : "a tuple of integers, such as (784,)", value);
  }
  std::vector<std::int64_t> result;
  for (const Value& item : value.items) {
    if (!item.is(Kind::integer)) fail_type(name, "integers", item);
    result.push_back(item.integer);
  }
  return result;
}

std::vector<float> Arguments::reals(std::string_view name) const {
  const Value& value = required(name);
  std::vector<float> result;
  const auto add = [&](const Value& item) {
    if (!item.is(Kind::integer) && !item.is(Kind::real)) fail_type(name, "numbers", item);
    result.push_back(static_cast<float>(item.is(Kind::integer) ? static_cast<double>(item.integer) : item.real));
  };
  if (!value.is_sequence()) {
    add(value);
  } else {
    for (const Value& item : value.items) add(item);
  }
  return result;
}

}  // namespace lamina::format::architecture
