// Names -> values, with the caller's arguments behind those of the text.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/scope.hpp"

#include "base/fail.hpp"
#include "format/architecture/expression.hpp"

namespace lamina::format::architecture {
namespace {

/// "784", "0.5", "True", "28*28"; anything that is no expression is taken as a string.
Value argument_value(const std::string& text, std::size_t at) {
  const Source source(text, "argument");
  Value value;
  try {
    std::optional<std::size_t> unclosed;
    const std::vector<Token> tokens = tokenize(source, unclosed);
    Cursor cursor(source, tokens);
    Scope empty(source, {});
    value = cursor.expression(empty);
    cursor.expect_end_of_line();
    if (!cursor.at(TokenKind::end) || value.is(Value::Kind::name)) throw Error(Errc::malformed, "not an expression");
  } catch (const Error&) {
    value = {.kind = Value::Kind::string, .text = text};
  }
  value.at = at;
  return value;
}

}  // namespace

Scope::Scope(const Source& source, const std::vector<std::pair<std::string, std::string>>& arguments) {
  for (const auto& [name, text] : arguments) {
    if (!arguments_.emplace(name, argument_value(text, source.text().size())).second) {
      base::fail(Errc::invalid_argument, "argument " + base::quoted(name), "given twice");
    }
  }
}

Value* Scope::find(const std::string& name) {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

const Value* Scope::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

void Scope::offer(const Source& source, const std::string& name, const std::string& text) {
  offered_.emplace(name, argument_value(text, source.text().size()));
}

const Value* Scope::take_argument(const std::string& name) {
  const auto found = arguments_.find(name);
  if (found == arguments_.end()) {
    const auto offered = offered_.find(name);
    return offered == offered_.end() ? nullptr : &offered->second;
  }
  used_.insert(name);
  return &found->second;
}

bool Scope::offer_attributes(const std::string& object) {
  const std::string front = object + ".";
  for (const auto& [name, value] : offered_) values_.insert_or_assign(front + name, value);
  return !offered_.empty();
}

void Scope::check_arguments_used(const Source& source) const {
  for (const auto& [name, value] : arguments_) {
    if (used_.count(name) == 0) {
      source.fail(Errc::invalid_argument, kNowhere,
                  "argument " + base::quoted(name) + " is given, but the text defines it itself or never asks for it");
    }
  }
}

std::string Scope::full_name(const std::string& name) const {
  const std::size_t dot = name.find('.');
  const auto found = aliases_.find(name.substr(0, dot));
  if (found == aliases_.end()) return name;
  return dot == std::string::npos ? found->second : found->second + name.substr(dot);
}

}  // namespace lamina::format::architecture
