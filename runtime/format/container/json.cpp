// JSON text -> a tree: nlohmann's parser reports events, which are checked against the limits before they are kept.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/json.hpp"

#include "base/fail.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <set>

namespace lamina::format {
namespace {

using base::fail;

/// Reads characters and tells where the parser is: its events carry no position.
class Cursor {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) noexcept : at_(at), reached_(reached) {}
  reference operator*() const noexcept { return *at_; }
  Cursor& operator++() noexcept {
    *reached_ = ++at_;
    return *this;
  }
  Cursor operator++(int) noexcept {
    const Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const noexcept { return at_ == other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// "line 3, column 14" of text[offset].
std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

bool is_word(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'; }

/// The word that text[offset] is part of.
std::string_view word_at(std::string_view text, std::size_t offset) {
  constexpr std::size_t kLongest = 16;
  std::size_t begin = offset, end = offset;
  while (begin > 0 && offset - begin < kLongest && is_word(text[begin - 1])) --begin;
  while (end < text.size() && end - offset < kLongest && is_word(text[end])) ++end;
  return text.substr(begin, end - begin);
}

/// nlohmann's "[id] parse error at line 1, column 2: syntax error while parsing value - REASON; last read: TEXT;
/// expected X" without the position, which ours replaces, and without the text, which may be any length.
std::string reason_of(std::string_view message) {
  if (const std::size_t dash = message.find(" - "); dash != std::string_view::npos) {
    message.remove_prefix(dash + 3);
  } else if (const std::size_t colon = message.find(": "); colon != std::string_view::npos) {
    message.remove_prefix(colon + 2);
  }
  constexpr std::size_t kLongest = 120;
  std::string reason(message.substr(0, std::min(message.find("; last read"), kLongest)));
  const std::size_t expected = message.rfind("; expected ");
  if (expected != std::string_view::npos && message.size() - expected < kLongest && reason.size() < expected) {
    reason += message.substr(expected);
  }
  return reason;
}

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits), reached_(text.data()) {}

  Cursor begin() noexcept { return {text_.data(), &reached_}; }
  Cursor end() noexcept { return {text_.data() + text_.size(), &reached_}; }
  Json take() { return std::move(root_); }

  // The names and signatures of nlohmann::json_sax.
  bool null() { return add(Json::Value(nullptr)); }
  bool boolean(bool value) { return add(Json::Value(value)); }
  bool number_integer(std::int64_t value) { return add(Json::Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return value <= kMost ? add(Json::Value(static_cast<std::int64_t>(value))) : add(Json::Value(value));
  }
  bool number_float(double value, const std::string&) { return add(Json::Value(value)); }
  bool string(std::string& value) {
    check_string(value);
    return add(Json::Value(std::move(value)));
  }
  bool binary(nlohmann::json::binary_t&) { fail_here(Errc::malformed, "binary value"); }
  bool start_object(std::size_t) { return open(Json::Value(JsonObject())); }
  bool start_array(std::size_t) { return open(Json::Value(JsonArray())); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name);
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error);

 private:
  struct Level {
    Json* container;  // stays in place while it is open: its parent grows only afterwards
    std::set<std::string, std::less<>> keys = {};
  };

  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(reached_ - text_.data()); }
  [[noreturn]] void fail_here(Errc code, const std::string& what) const {
    fail(code, "JSON, " + position(text_, offset() == 0 ? 0 : offset() - 1), what);
  }
  void check_string(const std::string& value) const {
    if (value.size() > limits_.string_bytes) {
      fail_here(Errc::limit_exceeded, "string of more than " + std::to_string(limits_.string_bytes) + " bytes");
    }
  }
  Json& place(Json::Value&& value);
  bool add(Json::Value&& value) {
    place(std::move(value));
    return true;
  }
  bool open(Json::Value&& value);
  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  const char* reached_;
  Json root_;
  std::vector<Level> levels_;
  std::string key_;
  std::uint64_t values_ = 0;
};

Json& TreeBuilder::place(Json::Value&& value) {
  if (++values_ > limits_.values) {
    fail_here(Errc::limit_exceeded, "more than " + std::to_string(limits_.values) + " keys and elements");
  }
  if (levels_.empty()) {
    root_.value = std::move(value);
    return root_;
  }
  Json::Value& parent = levels_.back().container->value;
  if (auto* array = std::get_if<JsonArray>(&parent)) return array->emplace_back(std::move(value));
  return std::get<JsonObject>(parent).emplace_back(std::move(key_), Json(std::move(value))).second;
}

bool TreeBuilder::open(Json::Value&& value) {
  if (levels_.size() >= limits_.depth) {
    fail_here(Errc::limit_exceeded, "nested deeper than " + std::to_string(limits_.depth) + " levels");
  }
  levels_.push_back({&place(std::move(value))});
  return true;
}

bool TreeBuilder::key(std::string& name) {
  check_string(name);
  if (!levels_.back().keys.insert(name).second) {
    fail_here(Errc::malformed, "key " + base::quoted(name) + " occurs twice in one object");
  }
  key_ = std::move(name);
  return true;
}

bool TreeBuilder::parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
  const std::string_view word = word_at(text_, offset() == 0 ? 0 : offset() - 1);
  if (word == "NaN" || word == "Infinity" || word == "-Infinity") {
    fail_here(Errc::malformed, std::string(word) + " is no JSON number: Python writes it where a value is not finite");
  }
  if (error.id == 406) fail_here(Errc::malformed, "number beyond the range of a double");
  const std::string reason = reason_of(error.what());
  const bool ended =
      reason.find("unexpected end") != reason.npos || reason.find("missing closing quote") != reason.npos;
  fail_here(ended ? Errc::truncated : Errc::malformed, reason);
}

std::string_view kind_of(const Json& json) {
  constexpr std::string_view kKinds[] = {"null",     "true or false", "an integer", "an integer beyond 63 bits",
                                         "a number", "a string",      "an array",   "an object"};
  return kKinds[json.value.index()];
}

[[noreturn]] void fail_type(std::string_view place, std::string_view expected, const Json& json) {
  fail(Errc::malformed,
       std::string(place) + ": expected " + std::string(expected) + ", got " + std::string(kind_of(json)));
}

template <class T>
const T& get(const Json& json, std::string_view place, std::string_view expected) {
  const T* value = std::get_if<T>(&json.value);
  if (value == nullptr) fail_type(place, expected, json);
  return *value;
}

}  // namespace

const Json* Json::find(std::string_view key) const noexcept {
  const auto* members = std::get_if<JsonObject>(&value);
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(), [&](const auto& m) { return m.first == key; });
  return found == members->end() ? nullptr : &found->second;
}

const std::string& Json::string(std::string_view place) const { return get<std::string>(*this, place, "a string"); }
std::int64_t Json::integer(std::string_view place) const { return get<std::int64_t>(*this, place, "an integer"); }
bool Json::boolean(std::string_view place) const { return get<bool>(*this, place, "true or false"); }
const JsonArray& Json::array(std::string_view place) const { return get<JsonArray>(*this, place, "an array"); }
const JsonObject& Json::object(std::string_view place) const { return get<JsonObject>(*this, place, "an object"); }

double Json::number(std::string_view place) const {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*large);
  return get<double>(*this, place, "a number");
}

Json parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    fail(Errc::limit_exceeded, "JSON", "size", "at most " + std::to_string(limits.bytes) + " bytes",
         std::to_string(text.size()));
  }
  // The parser takes a NUL for the end, and would not see what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    fail(Errc::malformed, "JSON, " + position(text, nul), "NUL byte");
  }
  if (text.empty()) fail(Errc::truncated, "JSON", "is empty");
  TreeBuilder builder(text, limits);
  nlohmann::json::sax_parse(builder.begin(), builder.end(), &builder);
  return builder.take();
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lamina::format
