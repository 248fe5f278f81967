// Architecture text -> its form -> Network.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/class_text.hpp"
#include "format/architecture/configuration.hpp"
#include "format/architecture/keras_chain.hpp"
#include "format/architecture/own_form.hpp"
#include "format/architecture/printed.hpp"
#include "format/architecture/program.hpp"
#include "model/infer.hpp"

#include <algorithm>

namespace lamina::format {
namespace {

using namespace architecture;

model::Network torch_network(const TorchContext& context, const Value& call) {
  model::Network network;
  model::Op op = torch_op(context, call, 0);
  if (auto* sequential = std::get_if<model::Sequential>(&op)) {
    network.layers = std::move(sequential->layers);
  } else {
    network.layers.push_back({.name = "0", .op = std::move(op)});
  }
  return network;
}

/// Sequential([...]), .add( and these names are Keras's; the rest of the names can be either's.
bool looks_keras(const std::vector<Token>& tokens) {
  constexpr std::string_view kNames[] = {"keras", "tensorflow", "tf",         "Dense",
                                         "Input", "InputLayer", "Activation", "BatchNormalization"};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view text = tokens[i].text;
    if (tokens[i].kind != TokenKind::name) continue;
    if (std::find(std::begin(kNames), std::end(kNames), text) != std::end(kNames)) return true;
    const bool member = i > 0 && tokens[i - 1].text == ".";
    if (member && text == "add") return true;
    const bool list = i + 2 < tokens.size() && tokens[i + 1].text == "(" && tokens[i + 2].text == "[";
    if (text == "Sequential" && list && !member) return true;
  }
  return false;
}

model::Network code_network(Cursor& cursor, const TorchContext& context, Scope& scope, bool keras,
                            std::optional<int> keras_version) {
  const Program program = read_program(cursor, scope);
  const Value& call = program.network;
  const bool named = call.items[0].is(Value::Kind::name);
  if (named && program.classes.count(call.items[0].text) != 0) {
    return parse_class(cursor, context, scope, program, call);
  }
  if (!keras) return torch_network(context, call);
  return keras_network({context.source, scope, keras_version, context.limits}, call).network;
}

model::Network parse(const Source& source, const ArchitectureOptions& options) {
  std::optional<std::size_t> unclosed;
  const std::vector<Token> tokens = tokenize(source, unclosed);
  Cursor cursor(source, tokens);
  Scope scope(source, options.arguments);
  if (!options.configuration.empty()) {
    for (const auto& [name, text] : configuration_arguments(options.configuration, options.limits)) {
      scope.offer(source, name, text);
    }
  }
  std::size_t affine_elements = 0;
  const TorchContext context{source, scope, options.limits, &affine_elements};
  while (cursor.at(TokenKind::newline) || cursor.at(TokenKind::indent)) cursor.next();
  model::Network network;
  if (looks_own(source.text())) {
    network = parse_own(cursor, context, scope);
  } else if (looks_printed(cursor)) {
    network = parse_printed(cursor, context, scope);
  } else {
    network = code_network(cursor, context, scope, looks_keras(tokens), options.keras_version);
  }
  check_closed(source, unclosed);
  scope.check_arguments_used(source);
  return network;
}

model::Network parse_json_config(std::string_view text, const ArchitectureOptions& options) {
  const Json config = parse_json(text, {.bytes = options.limits.text_bytes});
  try {
    return read_keras_config(config, options.keras_version, options.limits).network;
  } catch (const Error& error) {
    if (config.find("class_name") != nullptr) throw;
    throw Error(error.code(), std::string(error.what()) +
                                  "; a config.json that gives no more than sizes goes beside class text (--arg @FILE)");
  }
}

}  // namespace

model::Network parse_architecture(std::string_view text, const ArchitectureOptions& options) {
  const Source source(text, "architecture text");
  if (text.size() > options.limits.text_bytes) {
    source.fail(Errc::limit_exceeded, kNowhere,
                std::to_string(text.size()) + " bytes, at most " + std::to_string(options.limits.text_bytes));
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && text[first] == '{';
  model::Network network = json ? parse_json_config(text, options) : parse(source, options);
  try {
    model::validate(network, options.limits);
  } catch (const Error& error) {
    source.fail(error.code(), kNowhere, error.what());
  }
  return network;
}

}  // namespace lamina::format
