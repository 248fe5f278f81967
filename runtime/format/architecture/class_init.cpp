// class Net(nn.Module): def __init__(self, ...): self.fc1 = nn.Linear(...) -> its modules.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/class_text.hpp"

#include <algorithm>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

/// Up to the sign that ends an annotation, brackets passed over.
void skip_annotation(Cursor& cursor) {
  std::size_t open = 0;
  while (!cursor.at(TokenKind::newline) && !cursor.at(TokenKind::end)) {
    const bool ends = cursor.at(",") || cursor.at("=") || cursor.at(")") || cursor.at(":");
    if (open == 0 && ends) return;
    if (cursor.at("(") || cursor.at("[")) ++open;
    if (cursor.at(")") || cursor.at("]")) --open;
    cursor.next();
  }
}

class InitReader {
 public:
  InitReader(Cursor& cursor, const TorchContext& context, ModuleClass& module, const Value& call)
      : cursor_(cursor),
        context_{context.source, module.scope, context.limits, context.affine_elements},
        module_(module),
        call_(call) {}

  void class_body() {
    module_.name = cursor_.expect_name("the class's name");
    base_class();
    Block block(cursor_);
    bool has_init = false;
    while (block.next_statement()) {
      cursor_.expect("def");
      const std::string_view name = cursor_.expect_name("a method's name");
      if (name == "__init__") {
        has_init = true;
        init();
        continue;
      }
      if (name == "forward") module_.forward = cursor_.position();
      (void)read_signature(cursor_);
      skip_block();
    }
    if (!has_init) context_.source.fail(Errc::malformed, call_.at, module_.name + " has no __init__");
    if (module_.forward == 0) context_.source.fail(Errc::malformed, call_.at, module_.name + " has no forward");
  }

 private:
  std::string dotted_name() {
    std::string name;
    while (cursor_.at(TokenKind::name) || cursor_.at(".")) {
      name += cursor_.token().text;
      cursor_.next();
    }
    return name;
  }

  /// PyTorchModelHubMixin and its keywords: how a class that Hugging Face's hub keeps is saved; no layer comes of it.
  void further_base() {
    const std::size_t at = cursor_.token().at;
    const std::string name = dotted_name();
    if (cursor_.accept("=")) {
      (void)cursor_.expression(module_.scope);
    } else if (!name.empty() && !name.ends_with("PyTorchModelHubMixin")) {
      context_.source.fail(Errc::unsupported_feature, at,
                           "expected a class made from nn.Module alone, got " + base::quoted(name) + " as well");
    }
  }

  void base_class() {
    const std::size_t at = cursor_.token().at;
    std::string name;
    if (cursor_.accept("(")) {
      name = dotted_name();
      while (cursor_.accept(",")) further_base();
      cursor_.expect(")");
    }
    const Callee callee = resolve(name, module_.scope);
    const bool fits = callee.origin == Library::bare || callee.origin == Library::torch_nn;
    if (!fits || callee.name != "Module") {
      context_.source.fail(Errc::unsupported_feature, at,
                           "expected a class made from nn.Module, got " + base::quoted(name));
    }
    cursor_.expect(":");
  }

  void skip_block() {
    Block block(cursor_);
    while (block.next_statement()) {
      std::size_t depth = 0;
      do {
        if (cursor_.at(TokenKind::indent)) ++depth;
        if (cursor_.at(TokenKind::dedent)) --depth;
        if (cursor_.at(TokenKind::end)) return;
        const bool line_ends = cursor_.at(TokenKind::newline);
        cursor_.next();
        if (line_ends && depth == 0 && !cursor_.at(TokenKind::indent)) break;
      } while (true);
    }
  }

  void init() {
    const std::vector<Parameter> parameters = read_signature(cursor_);
    const std::size_t body = cursor_.position();
    bind(parameters);
    cursor_.seek(body);
    Block block(cursor_);
    while (block.next_statement()) statement();
  }

  /// Arguments of the call, else the caller's, else the defaults; else an object of the configuration's members.
  void bind(const std::vector<Parameter>& parameters) {
    std::vector<std::string_view> names;
    names.reserve(parameters.size());
    for (const Parameter& parameter : parameters) names.push_back(parameter.name);
    const Arguments arguments(context_.source, module_.name, call_, names);
    for (const Parameter& parameter : parameters) {
      Value value;
      if (const Value* given = arguments.find(parameter.name)) {
        value = *given;
        value.keyword.clear();
      } else if (const Value* argument = module_.scope.take_argument(parameter.name)) {
        value = *argument;
      } else if (parameter.fallback != 0) {
        cursor_.seek(parameter.fallback);
        value = cursor_.expression(module_.scope);
      } else if (module_.scope.offer_attributes(parameter.name)) {  // __init__(self, config)
        module_.scope.offer_attributes("self." + parameter.name);
        continue;
      } else {
        context_.source.fail(Errc::invalid_argument, parameter.at,
                             "argument " + base::quoted(parameter.name) + " of " + module_.name +
                                 " has no value: add a line such as model = " + module_.name + "(...), or give --arg " +
                                 parameter.name + "=...");
      }
      module_.scope.set(parameter.name, std::move(value));
    }
  }

  void statement() {
    if (cursor_.at("super") || is_base_init()) return cursor_.skip_line();
    const Token first = cursor_.token();
    if (!cursor_.at(TokenKind::name)) fail_statement();
    if (cursor_.at("=", 1)) {
      cursor_.next();
      cursor_.next();
      Value value = cursor_.expression(module_.scope);
      cursor_.expect_end_of_line();
      return module_.scope.set(std::string(first.text), std::move(value));
    }
    if (!cursor_.at("self") || !cursor_.at(".", 1) || cursor_.token(2).kind != TokenKind::name) fail_statement();
    const std::string name(cursor_.token(2).text);
    if (name == "add_module" && cursor_.at("(", 3)) return add_module();
    cursor_.seek(cursor_.position() + 3);
    if (cursor_.accept(":")) skip_annotation(cursor_);
    if (!cursor_.at("=")) context_.source.fail_expected(cursor_.token().at, "'=' and a layer");
    cursor_.next();
    Value value = cursor_.expression(module_.scope);
    cursor_.expect_end_of_line();
    attribute(name, std::move(value));
  }

  /// nn.Module.__init__(self)
  [[nodiscard]] bool is_base_init() const {
    std::size_t i = 0;
    while (cursor_.token(i).kind == TokenKind::name && cursor_.at(".", i + 1)) i += 2;
    return i > 0 && cursor_.at("__init__", i);
  }

  [[noreturn]] void fail_statement() const {
    cursor_.source().fail(Errc::unsupported_feature, cursor_.token().at,
                          "__init__ is read as a list of lines self.name = layer; this line is none");
  }

  void add_module() {
    cursor_.seek(cursor_.position() + 3);
    const std::size_t at = cursor_.token().at;
    std::vector<Value> arguments = cursor_.arguments(module_.scope);
    cursor_.expect_end_of_line();
    if (arguments.size() != 2 || !arguments[0].is(Kind::string)) {
      context_.source.fail(Errc::malformed, at, "expected add_module('name', layer)");
    }
    attribute(arguments[0].text, std::move(arguments[1]));
  }

  void attribute(const std::string& name, Value value) {
    std::erase_if(module_.modules, [&](const auto& entry) { return entry.first == name; });
    module_.scope.forget("self." + name);
    if (value.is(Kind::call)) {
      module_.modules.emplace_back(name, torch_op(context_, value));
    } else {
      module_.scope.set("self." + name, std::move(value));
    }
  }

  Cursor& cursor_;
  TorchContext context_;
  ModuleClass& module_;
  const Value& call_;
};

}  // namespace

ModuleClass read_module_class(Cursor& cursor, const TorchContext& context, const Scope& globals, const Value& call) {
  ModuleClass module{.name = {}, .modules = {}, .scope = globals};
  InitReader(cursor, context, module, call).class_body();
  return module;
}

std::vector<Parameter> read_signature(Cursor& cursor) {
  std::vector<Parameter> parameters;
  cursor.expect("(");
  while (!cursor.at(")")) {
    const Token name = cursor.token();
    if (!cursor.at(TokenKind::name)) cursor.fail_expected("a parameter's name");
    cursor.next();
    Parameter parameter{std::string(name.text), name.at};
    if (cursor.accept(":")) skip_annotation(cursor);
    if (cursor.accept("=")) {
      parameter.fallback = cursor.position();
      skip_annotation(cursor);
    }
    if (parameter.name != "self") parameters.push_back(std::move(parameter));
    if (!cursor.at(")")) cursor.expect(",");
  }
  cursor.next();
  if (cursor.accept("->")) skip_annotation(cursor);
  cursor.expect(":");
  return parameters;
}

Block::Block(Cursor& cursor) : cursor_(cursor) {
  if (!cursor.at(TokenKind::newline)) return;
  cursor.next();
  if (!cursor.at(TokenKind::indent)) cursor.fail_expected("an indented block");
  cursor.next();
  indented_ = true;
}

bool Block::next_statement() {
  while (!cursor_.at(TokenKind::end)) {
    if (cursor_.at(TokenKind::dedent)) {
      if (indented_) cursor_.next();
      return false;
    }
    const bool line_ends = cursor_.at(TokenKind::newline);
    const bool passes = cursor_.at("pass") || cursor_.at(";") || cursor_.at(TokenKind::string);
    if (!line_ends && !passes) return true;
    cursor_.next();
    if (line_ends && !indented_) return false;
  }
  return false;
}

}  // namespace lamina::format::architecture
