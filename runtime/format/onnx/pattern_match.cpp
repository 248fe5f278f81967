// Terms of a pattern + a value of the graph -> what its letters stand for.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/attributes.hpp"
#include "format/onnx/pattern.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace lamina::format::onnx {
namespace {

/// Exporters write 1.4142135 or 1.41421356 or its square root's inverse: equal to a few ulp of float32.
bool same(double a, double b) { return std::fabs(a - b) <= 5e-7 * std::fabs(b); }

bool is_commutative(std::string_view op) {
  constexpr std::array<std::string_view, 4> kOps = {"Add", "Mul", "Max", "Min"};
  return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

}  // namespace

double Match::number(char name) const {
  const auto found = std::find_if(numbers.begin(), numbers.end(), [&](const auto& n) { return n.first == name; });
  return found->second;
}

ValueId Match::constant(char name) const {
  const auto found = std::find_if(constants.begin(), constants.end(), [&](const auto& c) { return c.first == name; });
  return found == constants.end() ? kNone : found->second;
}

/// Recursion is as deep as the pattern, which is lamina's own.
class Matcher {
 public:
  Matcher(const Patterns& patterns, const Graph& graph, Values& values)
      : terms_(patterns.terms_), graph_(graph), values_(values) {}

  /// `match` is what was bound before; after a failure it is as it was.
  bool fits(std::size_t index, ValueId value, Match& match) {
    const Patterns::Term& term = terms_[index];
    if (value == kNone) return false;
    switch (term.kind) {
      case Patterns::Kind::either:
        return std::any_of(term.children.begin(), term.children.end(),
                           [&](std::size_t child) { return fits(child, value, match); });
      case Patterns::Kind::input:
        value = values_.origin(value);
        if (values_.is_constant(value) || (match.x != kNone && match.x != value)) return false;
        match.x = value;
        return true;
      case Patterns::Kind::number: {
        const std::optional<double> number = values_.scalar(value);
        return number && same(*number, term.number);
      }
      case Patterns::Kind::scalar:
        return fits_scalar(term.letter, value, match);
      case Patterns::Kind::constant:
        if (!values_.is_constant(value)) return false;
        if (const ValueId bound = match.constant(term.letter); bound != kNone) return bound == value;
        match.constants.emplace_back(term.letter, value);
        return true;
      case Patterns::Kind::call:
        return fits_call(term, values_.origin(value), match);
    }
    return false;
  }

 private:
  bool fits_scalar(char letter, ValueId value, Match& match) {
    const std::optional<double> number = values_.scalar(value);
    if (!number) return false;
    for (const auto& [name, bound] : match.numbers) {
      if (name == letter) return same(*number, bound);
    }
    match.numbers.emplace_back(letter, *number);
    return true;
  }

  bool fits_call(const Patterns::Term& term, ValueId value, Match& match) {
    const Node* node = graph_.producer(value, term.op);
    if (node == nullptr && term.op == "Add") node = graph_.producer(value, "Sum");  // of two, as ONNX writes its own
    if (node == nullptr || graph_.value(value).output != term.output) return false;
    if (!term.is_marked && (!node->proto->attributes.empty() || node->inputs.size() != term.children.size()))
      return false;
    Match trial = match;
    if (term.is_marked) trial.nodes.push_back(graph_.value(value).producer);
    if (fits_operands(term, *node, false, trial)) {
      match = std::move(trial);
      return true;
    }
    if (term.children.size() != 2 || !is_commutative(term.op)) return false;
    trial = match;
    if (!fits_operands(term, *node, true, trial)) return false;
    match = std::move(trial);
    return true;
  }

  bool fits_operands(const Patterns::Term& term, const Node& node, bool swapped, Match& match) {
    for (std::size_t i = 0; i < term.children.size(); ++i) {
      if (!fits(term.children[i], node.input(swapped ? 1 - i : i), match)) return false;
    }
    return true;
  }

  const std::vector<Patterns::Term>& terms_;
  const Graph& graph_;
  Values& values_;
};

/// Whether the outermost operator is that of the value's own node: what it copies is found when the chain comes to it.
bool Patterns::may_start(std::size_t index, const Graph& graph, ValueId value) const {
  const Term& term = terms_[index];
  if (term.kind == Kind::call) return graph.producer(value, term.op) != nullptr;
  return std::any_of(term.children.begin(), term.children.end(),
                     [&](std::size_t child) { return may_start(child, graph, value); });
}

std::optional<Patterns::Found> Patterns::find(const Graph& graph, Values& values, ValueId value) const {
  for (const Root& root : roots_) {
    if (!may_start(root.term, graph, value)) continue;
    Found found{root.row, {}};
    if (!Matcher(*this, graph, values).fits(root.term, value, found.match) || found.match.x == value) continue;
    if (root.row->fits == nullptr || root.row->fits(found.match, graph, values)) return found;
  }
  return std::nullopt;
}

}  // namespace lamina::format::onnx
