// The text of a pattern -> its terms. The texts are lamina's own: a mistake in one is a defect.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/pattern.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace lamina::format::onnx {

class PatternParser {
 public:
  PatternParser(Patterns& patterns, std::string_view text) : patterns_(patterns), rest_(text) {}

  std::size_t parse() {
    const std::size_t term = either();
    if (!rest_.empty()) broken();
    return term;
  }

 private:
  using Kind = Patterns::Kind;

  [[noreturn]] void broken() const {
    base::fail(Errc::internal, "a pattern of the ONNX reader is broken at '" + std::string(rest_) + "'");
  }
  bool take(char c) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    const auto end = std::find_if(rest_.begin(), rest_.end(),
                                  [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_'; });
    const std::string_view result = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(result.size());
    return result;
  }
  std::size_t add(Patterns::Term term) {
    patterns_.terms_.push_back(std::move(term));
    return patterns_.terms_.size() - 1;
  }

  std::size_t either() {
    std::vector<std::size_t> alternatives = {term()};
    while (take('|')) alternatives.push_back(term());
    if (alternatives.size() == 1) return alternatives[0];
    return add({.kind = Kind::either, .children = std::move(alternatives)});
  }

  std::size_t term() {
    (void)take(' ');
    if (take('$')) return part(word());
    if (!rest_.empty() && (std::isdigit(static_cast<unsigned char>(rest_.front())) != 0 || rest_.front() == '-')) {
      return number();
    }
    const std::string_view name = word();
    if (name.empty()) broken();
    if (name == "x") return add({.kind = Kind::input});
    if (name.size() == 1) {
      const bool is_capital = std::isupper(static_cast<unsigned char>(name[0])) != 0;
      return add({.kind = is_capital ? Kind::constant : Kind::scalar, .letter = name[0]});
    }
    return call(name);
  }

  std::size_t part(std::string_view name) {
    for (const PatternPart& each : pattern_parts()) {
      if (each.name == name) return PatternParser(patterns_, each.text).parse();
    }
    broken();
  }

  std::size_t number() {
    Patterns::Term term{.kind = Kind::number};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), term.number);
    if (error != std::errc()) broken();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return add(std::move(term));
  }

  std::size_t call(std::string_view op) {
    Patterns::Term term{.kind = Kind::call, .op = op};
    if (take('.')) term.output = static_cast<std::uint32_t>(word().front() - '0');
    term.is_marked = take('!');
    if (!take('(')) broken();
    do term.children.push_back(either());
    while (take(','));
    if (!take(')')) broken();
    return add(std::move(term));
  }

  Patterns& patterns_;
  std::string_view rest_;
};

Patterns::Patterns() {
  for (const auto table : {activation_patterns(), selection_patterns(), normalization_patterns()}) {
    for (const PatternRow& row : table) roots_.push_back({&row, PatternParser(*this, row.text).parse()});
  }
}

}  // namespace lamina::format::onnx
