// A name, or a name with parameters in brackets -> an activation.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/activation_text.hpp"

#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/expression.hpp"
#include "format/architecture/torch_layers.hpp"
#include "model/activation.hpp"

#include <algorithm>

namespace lamina::format {
namespace {

using namespace architecture;
using Kind = architecture::Value::Kind;

struct AxisActivation {
  std::string_view module;
  std::string_view function;
};
/// Those that work along a dimension: no row of model's table.
constexpr AxisActivation kAlongAxis[] = {{"Softmax", "softmax"},     {"LogSoftmax", "log_softmax"},
                                         {"Softmin", "softmin"},     {"Softmax2d", "softmax2d"},
                                         {"Sparsemax", "sparsemax"}, {"GLU", "glu"}};

[[noreturn]] void fail_unknown(const Source& source, std::size_t at, const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& row : model::activation_table()) known.insert(known.end(), {row.functional, row.module, row.keras});
  for (const auto& row : kAlongAxis) known.insert(known.end(), {row.function, row.module});
  std::erase(known, std::string_view());
  source.fail(
      Errc::unsupported_layer, at,
      "activation " + base::quoted(name) + " is not known" + base::did_you_mean(name, known.data(), known.size()));
}

const model::ActivationInfo* find_activation(std::string_view name) {
  if (const auto* info = model::find_module(name)) return info;
  if (const auto* info = model::find_functional(name)) return info;
  return model::find_keras(name);
}

model::Op activation_op(const Source& source, const Scope& scope, Value call) {
  const std::string name = resolve(call.items[0].text, scope).name;
  if (name == "hard_sigmoid") {
    source.fail(Errc::invalid_argument, call.at,
                "'hard_sigmoid' is hardsigmoid in Keras 3 and PyTorch, hard_sigmoid_linear in Keras 2: say which");
  }
  if (const auto* info = find_activation(name)) return torch_activation(source, *info, name, call, 1);
  const auto* end = std::end(kAlongAxis);
  const auto* row =
      std::find_if(kAlongAxis, end, [&](const auto& r) { return name == r.module || name == r.function; });
  if (row == end) fail_unknown(source, call.at, name);
  call.items[0].text = row->module;
  std::size_t affine_elements = 0;
  const Limits limits;
  return torch_op({source, scope, limits, &affine_elements}, call);
}

}  // namespace

model::Layer parse_activation(std::string_view text) {
  const Source source(text, "activation");
  constexpr std::size_t kMost = 4096;  // a name and three numbers
  if (text.size() > kMost) source.fail(Errc::limit_exceeded, kNowhere, "more than 4096 bytes");
  std::optional<std::size_t> unclosed;
  const std::vector<Token> tokens = tokenize(source, unclosed);
  Cursor cursor(source, tokens);
  Scope scope(source, {});
  Value value = cursor.expression(scope);
  if (!cursor.at(TokenKind::end)) cursor.expect_end_of_line();
  if (!cursor.at(TokenKind::end)) cursor.fail_expected("the end");
  check_closed(source, unclosed);
  Value call{.kind = Kind::call, .at = value.at};
  if (value.is(Kind::call)) {
    call = std::move(value);
  } else {
    call.items.push_back(std::move(value));
  }
  if (!call.items[0].is(Kind::name)) {
    source.fail(Errc::malformed, call.at, "expected a name such as leaky_relu(0.1), got " + describe(call.items[0]));
  }
  model::Layer layer{.name = std::string(text), .op = activation_op(source, scope, std::move(call))};
  validate_at(source, 0, layer);
  return layer;
}

}  // namespace lamina::format
