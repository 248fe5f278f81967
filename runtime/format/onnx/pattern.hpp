// A piece of a graph that stands for one layer, as text -> where a graph has it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/builder.hpp"
#include "format/onnx/values.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::format::onnx {

/// Where a pattern was found.
struct Match {
  ValueId x = kNone;                                // the one value that it is computed from
  std::vector<std::pair<char, double>> numbers;     // 'a' to 'w': constants of one element
  std::vector<std::pair<char, ValueId>> constants;  // 'A' to 'Z': constants of any shape
  std::vector<NodeId> nodes;                        // marked with ! in the pattern, in its order

  [[nodiscard]] double number(char name) const;
  [[nodiscard]] ValueId constant(char name) const;
};

/// What a pattern's layers are built from and added to.
struct PatternConversion {
  const Match& match;
  const Graph& graph;
  Values& values;
  Builder& builder;
};

/// The text is an expression of ONNX operators:
///   x               the value that all of it is computed from
///   0.5             a constant of one element, equal but for the rounding of float32
///   a ... w         any constant of one element; A ... Z any constant; the same letter is the same constant
///   Add(p, q)       the operator, without attributes; Add, Mul, Max and Min take their operands in either order
///   Clip!(p)        may have attributes and further inputs, which the conversion looks at
///   Split.1!(p)     its output 1
///   p | q           either
///   $name           a part that has a name, in the same table
/// Casts between float types and Identity are looked through.
struct PatternRow {
  std::string_view text;
  void (*convert)(PatternConversion& c);
  /// Looks at the nodes marked with !; nullptr where there are none.
  bool (*fits)(const Match& match, const Graph& graph, Values& values) = nullptr;
};
struct PatternPart {
  std::string_view name, text;
};

/// Throws Error{unsupported_feature} for an attribute, Error{malformed} for an input of a node marked with ! that no
/// pattern looks at.
void require_known(const Match& match, const Graph& graph);

[[nodiscard]] std::span<const PatternRow> activation_patterns() noexcept;
[[nodiscard]] std::span<const PatternRow> selection_patterns() noexcept;
[[nodiscard]] std::span<const PatternRow> normalization_patterns() noexcept;
[[nodiscard]] std::span<const PatternPart> pattern_parts() noexcept;

/// The tables, parsed once for a file.
class Patterns {
 public:
  Patterns();

  struct Found {
    const PatternRow* row = nullptr;
    Match match;
  };
  /// The first pattern whose outermost operator makes this value.
  [[nodiscard]] std::optional<Found> find(const Graph& graph, Values& values, ValueId value) const;

 private:
  friend class PatternParser;
  friend class Matcher;
  enum class Kind : std::uint8_t { input, number, scalar, constant, call, either };
  struct Term {
    Kind kind;
    char letter = 0;
    double number = 0;
    std::string_view op = {};
    std::uint32_t output = 0;
    bool is_marked = false;
    std::vector<std::size_t> children = {};  // operands or alternatives
  };
  struct Root {
    const PatternRow* row;
    std::size_t term;
  };

  [[nodiscard]] bool may_start(std::size_t index, const Graph& graph, ValueId value) const;

  std::vector<Term> terms_;
  std::vector<Root> roots_;
};

}  // namespace lamina::format::onnx
