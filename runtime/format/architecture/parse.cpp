// Architecture text -> its form -> Network.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/architecture/callee.hpp"
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
  model::Op op = torch_op(context, call);
  if (auto* sequential = std::get_if<model::Sequential>(&op)) {
    network.layers = std::move(sequential->layers);
  } else {
    network.layers.push_back({.name = "0", .op = std::move(op)});
  }
  return network;
}

model::Network parse(const Source& source, const ArchitectureOptions& options) {
  const std::vector<Token> tokens = tokenize(source);
  Cursor cursor(source, tokens);
  Scope scope(source, options.arguments);
  std::size_t affine_elements = 0;
  const TorchContext context{source, scope, options.limits, &affine_elements};
  while (cursor.at(TokenKind::newline) || cursor.at(TokenKind::indent)) cursor.next();
  model::Network network;
  if (looks_own(source.text())) {
    network = parse_own(cursor, context, scope);
  } else if (looks_printed(cursor)) {
    network = parse_printed(cursor, context, scope);
  } else {
    network = torch_network(context, read_program(cursor, scope).network);
  }
  scope.check_arguments_used(source);
  return network;
}

}  // namespace

model::Network parse_architecture(std::string_view text, const ArchitectureOptions& options) {
  const Source source(text, "architecture text");
  if (text.size() > options.limits.text_bytes) {
    source.fail(Errc::limit_exceeded, kNowhere,
                std::to_string(text.size()) + " bytes, at most " + std::to_string(options.limits.text_bytes));
  }
  model::Network network = parse(source, options);
  try {
    model::validate(network, options.limits);
  } catch (const Error& error) {
    source.fail(error.code(), kNowhere, error.what());
  }
  return network;
}

}  // namespace lamina::format
