// Statements, one logical line each.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/program.hpp"

#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/torch_layers.hpp"

#include <algorithm>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

/// Methods that change no layer, and functions that only look.
constexpr std::string_view kIgnoredMethods[] = {
    "build",        "compile", "cpu",  "cuda",    "eval",           "evaluate",     "fit", "load_state_dict",
    "load_weights", "predict", "save", "summary", "requires_grad_", "save_weights", "to",  "train",
    "zero_grad",    "double",  "float"};
constexpr std::string_view kIgnoredFunctions[] = {
    "print", "summary", "torchsummary.summary", "torch.save", "torch.manual_seed", "tf.random.set_seed", "plot_model"};

template <std::size_t n>
bool contains(const std::string_view (&names)[n], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// nn.Sequential(...).to(device).eval() -> nn.Sequential(...)
Value without_moves(Value value) {
  while (value.is(Kind::call) && value.items[0].is(Kind::attribute) && contains(kIgnoredMethods, value.items[0].text)) {
    Value object = std::move(value.items[0].items[0]);
    value = std::move(object);
  }
  return value;
}

class ProgramReader {
 public:
  ProgramReader(Cursor& cursor, Scope& scope) : cursor_(cursor), scope_(scope) {}

  Program run() {
    while (!cursor_.at(TokenKind::end)) statement();
    program_.network = result();
    return std::move(program_);
  }

 private:
  void statement() {
    if (cursor_.at(TokenKind::newline) || cursor_.at(TokenKind::indent) || cursor_.at(TokenKind::dedent) ||
        cursor_.at(";")) {
      return cursor_.next();
    }
    if (cursor_.at("import")) return import();
    if (cursor_.at("from")) return import_from();
    if (cursor_.at("class")) return class_header();
    const std::string name = dotted_name();
    const std::size_t length = name_length_;
    if (!name.empty() && cursor_.at("=", length)) return assignment(name, length);
    if (!name.empty() && cursor_.at(":", length)) return annotated(name, length);
    if (!name.empty() && cursor_.at("(", length) && call_line(name, length)) return;
    expression_line();
  }

  /// The name at the cursor, dots included; its tokens are counted in name_length_.
  std::string dotted_name(std::size_t from = 0) {
    std::string name;
    name_length_ = 0;
    if (cursor_.token(from).kind != TokenKind::name) return name;
    name = cursor_.token(from).text;
    name_length_ = 1;
    while (cursor_.at(".", from + name_length_) && cursor_.token(from + name_length_ + 1).kind == TokenKind::name) {
      name.append(".").append(cursor_.token(from + name_length_ + 1).text);
      name_length_ += 2;
    }
    return name;
  }

  void skip(std::size_t tokens) { cursor_.seek(cursor_.position() + tokens); }

  /// import torch.nn as nn
  void import() {
    cursor_.next();
    do {
      const std::string module = dotted_name();
      skip(name_length_);
      if (cursor_.accept("as")) scope_.set_alias(std::string(cursor_.expect_name("a name")), module);
    } while (cursor_.accept(","));
    cursor_.expect_end_of_line();
  }

  /// from torch import nn; from keras.layers import Dense as D, Dropout
  void import_from() {
    cursor_.next();
    while (cursor_.accept(".")) continue;
    const std::string module = dotted_name();
    skip(name_length_);
    cursor_.expect("import");
    const bool bracket = cursor_.accept("(");
    while (cursor_.at(TokenKind::name)) {
      const std::string name(cursor_.expect_name("a name"));
      if (cursor_.accept("as")) scope_.set_alias(std::string(cursor_.expect_name("a name")), module + "." + name);
      if (!cursor_.accept(",")) break;
    }
    cursor_.accept("*");
    if (bracket) cursor_.expect(")");
    cursor_.expect_end_of_line();
  }

  /// The body is read once its arguments are known.
  void class_header() {
    cursor_.next();
    const std::size_t position = cursor_.position();
    program_.classes[std::string(cursor_.expect_name("the class's name"))] = position;
    cursor_.skip_line();
    if (!cursor_.at(TokenKind::indent)) cursor_.fail_expected("the indented body of the class");
    std::size_t depth = 0;
    do {
      if (cursor_.at(TokenKind::indent)) ++depth;
      if (cursor_.at(TokenKind::dedent)) --depth;
      cursor_.next();
    } while (depth > 0);
  }

  void annotated(const std::string& name, std::size_t length) {
    std::size_t ahead = length;
    while (cursor_.token(ahead).kind != TokenKind::newline && !cursor_.at("=", ahead)) ++ahead;
    if (!cursor_.at("=", ahead)) return cursor_.skip_line();
    assignment(name, ahead);
  }

  void assignment(const std::string& name, std::size_t length) {
    skip(length + 1);
    if (!worth_reading()) {
      scope_.forget(name);
      forget_candidate(name);
      return cursor_.skip_line();
    }
    Value value = without_moves(cursor_.expression(scope_));
    cursor_.expect_end_of_line();
    forget_candidate(name);
    if (value.is(Kind::call)) candidates_.push_back(name);
    scope_.set(name, std::move(value));
  }

  /// Numbers, lists, layers and classes; not optimizers, losses, data, or what a network returns.
  bool worth_reading() {
    const Token& first = cursor_.token();
    if (first.kind != TokenKind::name) return true;
    const std::string name = dotted_name();
    const bool called = cursor_.at("(", name_length_);
    if (scope_.find(name) != nullptr) return !called;
    if (scope_.find(name.substr(0, name.find('.'))) != nullptr) return false;
    if (!called) return true;
    if (program_.classes.count(name) != 0) return true;
    const Callee callee = resolve(name, scope_);
    const std::string_view loss = "Loss";
    const bool is_loss = callee.name.size() >= loss.size() && callee.name.substr(callee.name.size() - 4) == loss;
    return !is_loss && (callee.origin == Library::bare || callee.origin == Library::torch_nn ||
                        callee.origin == Library::keras || name == "collections.OrderedDict");
  }

  /// model.add(...), model.add_module(...), model.compile(...), print(...); false for what is no such line.
  bool call_line(const std::string& name, std::size_t length) {
    const std::size_t dot = name.rfind('.');
    if (contains(kIgnoredFunctions, name)) return cursor_.skip_line(), true;
    if (dot == std::string::npos) return false;
    const std::string method = name.substr(dot + 1);
    Value* object = scope_.find(name.substr(0, dot));
    if (method == "add" || method == "add_module" || method == "append") {
      const std::size_t at = cursor_.token().at;
      if (object == nullptr) {
        cursor_.source().fail(Errc::malformed, at, base::quoted(name.substr(0, dot)) + " is not known here");
      }
      skip(length);
      add(*object, method, at);
      return true;
    }
    if (!contains(kIgnoredMethods, method)) return false;
    cursor_.skip_line();
    return true;
  }

  void add(Value& object, const std::string& method, std::size_t at) {
    std::vector<Value> arguments = cursor_.arguments(scope_);
    cursor_.expect_end_of_line();
    const bool named = method == "add_module";
    const bool fits = object.is(Kind::call) || (object.is(Kind::list) && method == "append");
    if (!fits || arguments.size() != (named ? 2U : 1U) || (named && !arguments[0].is(Kind::string))) {
      cursor_.source().fail(
          Errc::malformed, at,
          "expected " + std::string(named ? "add_module('name', layer)" : method + "(layer)") + " on a Sequential");
    }
    if (depth(arguments.back()) > kMaxBrackets) {
      cursor_.source().fail(Errc::limit_exceeded, at, "named values grow too large");
    }
    arguments.back().keyword = named ? arguments[0].text : "";
    object.items.push_back(std::move(arguments.back()));
  }

  void expression_line() {
    if (!cursor_.at(TokenKind::name) && !cursor_.at("(") && !cursor_.at(TokenKind::string)) {
      cursor_.fail_expected("a network such as nn.Sequential(...)");
    }
    Value value = without_moves(cursor_.expression(scope_));
    cursor_.expect_end_of_line();
    if (!value.is(Kind::call)) return;  // a comment in quotes, a variable's name at the end of a cell
    forget_candidate("");
    candidates_.emplace_back("");
    scope_.set("", std::move(value));
  }

  void forget_candidate(const std::string& name) {
    candidates_.erase(std::remove(candidates_.begin(), candidates_.end(), name), candidates_.end());
  }

  [[nodiscard]] bool is_network(const Value& value) const {
    if (!value.items[0].is(Kind::name)) return true;  // refused where it is read, with its place
    const std::string& name = value.items[0].text;
    return program_.classes.count(name) != 0 || resolve(name, scope_).name == "Sequential";
  }

  /// The one network that no other one contains; else the one layer.
  Value result() {
    std::vector<std::string> networks, layers;
    for (const std::string& name : candidates_) {
      if (!scope_.was_read(name)) (is_network(*scope_.find(name)) ? networks : layers).push_back(name);
    }
    if (networks.empty()) networks = layers;
    if (networks.empty() && program_.classes.size() == 1) return class_without_line();
    const Source& source = cursor_.source();
    if (networks.empty()) {
      source.fail(Errc::malformed, source.text().size(),
                  "no network: expected nn.Sequential(...), keras.Sequential([...]), a printed Sequential or an "
                  "nn.Module class");
    }
    const Value& value = *scope_.find(networks.back());
    if (networks.size() > 1) {
      source.fail(Errc::malformed, value.at,
                  "two networks, " + base::quoted(networks[networks.size() - 2]) + " and " +
                      base::quoted(networks.back()) + ": keep the lines of one");
    }
    return value;
  }

  /// A class whose arguments come from the caller or from its defaults.
  Value class_without_line() {
    const auto& [name, position] = *program_.classes.begin();
    cursor_.seek(position);
    Value call{.kind = Kind::call, .at = cursor_.token().at};
    call.items.push_back(make_name(name, call.at));
    return call;
  }

  Cursor& cursor_;
  Scope& scope_;
  Program program_;
  std::vector<std::string> candidates_;  // variables that hold calls, in order
  std::size_t name_length_ = 0;
};

}  // namespace

Program read_program(Cursor& cursor, Scope& scope) { return ProgramReader(cursor, scope).run(); }

}  // namespace lamina::format::architecture
