// `Sequential((0): Linear(in_features=784, ...) ...)`: nested by brackets, one child after the other.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/printed.hpp"

#include "base/fail.hpp"

#include <set>

namespace lamina::format::architecture {
namespace {

/// `(name):` -> name; what stands between the brackets is the name, whatever it is.
std::string child_name(Cursor& cursor) {
  if (!cursor.accept("(")) cursor.fail_expected("')' or the next '(name): layer'");
  const std::size_t begin = cursor.token().at;
  while (!cursor.at(")")) {
    if (cursor.at("(") || cursor.at(TokenKind::end)) cursor.fail_expected("the name of a layer and ')'");
    cursor.next();
  }
  const std::string name(cursor.source().text().substr(begin, cursor.token().at - begin));
  if (name.empty()) cursor.fail_expected("the name of a layer");
  cursor.next();
  cursor.expect(":");
  return name;
}

[[noreturn]] void fail_hidden_forward(const Source& source, const Token& name) {
  source.fail(Errc::unsupported_feature, name.at,
              "the printed form of " + base::quoted(name.text) +
                  " does not show what its forward() does: give the text of the class instead");
}

std::vector<model::Layer> children(Cursor& cursor, const TorchContext& context, Scope& scope, std::size_t nesting);

model::Op module(Cursor& cursor, const TorchContext& context, Scope& scope, std::size_t nesting) {
  const Token& name = cursor.token();
  if (!cursor.at(TokenKind::name)) cursor.fail_expected("a layer");
  const bool is_sequential = name.text == "Sequential";
  if (looks_printed(cursor) && !is_sequential) fail_hidden_forward(context.source, name);
  if (is_sequential) return model::Sequential{children(cursor, context, scope, nesting + 1)};
  cursor.next();
  if (!cursor.at("(")) cursor.fail_expected("'('");
  Value call{.kind = Value::Kind::call, .at = name.at};
  call.items = cursor.arguments(scope);
  call.items.insert(call.items.begin(), make_name(std::string(name.text), name.at));
  return torch_op(context, call);
}

std::vector<model::Layer> children(Cursor& cursor, const TorchContext& context, Scope& scope, std::size_t nesting) {
  check_nesting(context.source, cursor.token().at, nesting, context.limits);
  cursor.next();
  cursor.expect("(");
  std::vector<model::Layer> layers;
  std::set<std::string> names;
  while (!cursor.at(")")) {
    const std::size_t at = cursor.token().at;
    std::string name = child_name(cursor);
    if (!names.insert(name).second) {
      context.source.fail(Errc::malformed, at, "two layers named " + base::quoted(name));
    }
    layers.push_back({.name = std::move(name), .op = module(cursor, context, scope, nesting)});
  }
  cursor.next();
  return layers;
}

}  // namespace

bool looks_printed(const Cursor& cursor) {
  if (!cursor.at(TokenKind::name) || !cursor.at("(", 1)) return false;
  if (cursor.token().text == "Sequential" && cursor.at(")", 2)) return true;
  if (!cursor.at("(", 2)) return false;
  std::size_t i = 3;
  while (cursor.token(i).kind != TokenKind::end && !cursor.at("(", i) && !cursor.at(")", i)) ++i;
  if (!cursor.at(")", i)) return false;
  const bool is_sequential = cursor.token().text == "Sequential";  // a missing colon is then an error of this form
  return cursor.at(":", i + 1) || (is_sequential && cursor.token(i + 1).kind == TokenKind::name);
}

model::Network parse_printed(Cursor& cursor, const TorchContext& context, Scope& scope) {
  const Token& root = cursor.token();
  if (root.text != "Sequential") fail_hidden_forward(context.source, root);
  model::Network network;
  network.layers = children(cursor, context, scope, 0);
  while (cursor.at(TokenKind::newline)) cursor.next();
  if (!cursor.at(TokenKind::end)) cursor.fail_expected("the end of the text");
  return network;
}

}  // namespace lamina::format::architecture
