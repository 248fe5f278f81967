// Names that earlier lines of the text gave a value -> those values; import aliases -> full names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/value.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::format::architecture {

/// A value: a class's __init__ works on a copy.
class Scope {
 public:
  /// `arguments`: what the caller gave for names that no line of the text defines; numbers, strings, True, False, None.
  Scope(const Source& source, const std::vector<std::pair<std::string, std::string>>& arguments);

  void set(const std::string& name, Value value) {
    values_[name] = std::move(value);
    read_.erase(name);
  }
  void forget(const std::string& name) { values_.erase(name); }
  [[nodiscard]] Value* find(const std::string& name);
  [[nodiscard]] const Value* find(const std::string& name) const;

  /// That an expression used the name: a network that another one contains is not the result.
  void mark_read(const std::string& name) { read_.insert(name); }
  [[nodiscard]] bool was_read(const std::string& name) const { return read_.count(name) != 0; }

  /// A further argument, which may be left unused; the caller's own of this name wins.
  void offer(const Source& source, const std::string& name, const std::string& text);
  /// The caller's argument of this name, which then counts as used; null where there is none.
  [[nodiscard]] const Value* take_argument(const std::string& name);
  /// The further arguments as attributes of `object`: config.hidden_size. False where there are none.
  bool offer_attributes(const std::string& object);
  /// Throws Error{invalid_argument} for an argument that nothing took.
  void check_arguments_used(const Source& source) const;
  void merge_used(const Scope& inner) { used_.insert(inner.used_.begin(), inner.used_.end()); }

  void set_alias(const std::string& alias, const std::string& name) { aliases_[alias] = name; }
  /// "L.Dense" -> "tensorflow.keras.layers.Dense" after `from tensorflow.keras import layers as L`.
  [[nodiscard]] std::string full_name(const std::string& name) const;

 private:
  std::map<std::string, Value> values_;
  std::map<std::string, Value> arguments_;
  std::map<std::string, Value> offered_;
  std::set<std::string> used_;
  std::set<std::string> read_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace lamina::format::architecture
