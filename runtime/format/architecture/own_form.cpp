// Network(root_class="Sequential", layers=[("0", Linear(...)), ("1", ReLU(), "functional")]) -> Network.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/own_form.hpp"

#include "base/fail.hpp"

#include <charconv>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kNetwork[] = {"root_class", "name", "input_shape", "inputs", "outputs", "layers"};

void check_version(const Source& source) {
  const std::string_view rest = source.text().substr(kOwnHeader.size());
  int version = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), version);
  if (error != std::errc() || version < 1) source.fail_expected(kOwnHeader.size(), "a version number");
  if (version > kOwnVersion) {
    source.fail(Errc::unsupported_feature, kOwnHeader.size(),
                "written by a later lamina: version " + std::to_string(version) + ", this one reads up to " +
                    std::to_string(kOwnVersion));
  }
}

std::vector<std::string> strings(const Arguments& a, std::string_view name) {
  std::vector<std::string> result;
  const Value* value = a.find(name);
  if (value == nullptr || !value->is_sequence()) a.fail(Errc::malformed, name, "expected a list of strings");
  for (const Value& item : value->items) {
    if (!item.is(Kind::string)) a.fail(Errc::malformed, name, "expected strings, got " + describe(item));
    result.push_back(item.text);
  }
  return result;
}

std::vector<model::Layer> layers(const TorchContext& context, const Value& list, std::size_t nesting);

bool is_sequential(const Value& call) {
  return call.is(Kind::call) && call.items[0].is_name("Sequential") && call.items.size() == 2 &&
         call.items[1].is(Kind::list);
}

/// ("name", op, flags...)
model::Layer layer(const TorchContext& context, const Value& entry, std::size_t nesting) {
  if (!entry.is(Kind::tuple) || entry.items.size() < 2 || !entry.items[0].is(Kind::string)) {
    context.source.fail(Errc::malformed, entry.at, "expected (\"name\", layer), got " + describe(entry));
  }
  const Value& call = entry.items[1];
  model::Layer result{.name = entry.items[0].text, .op = {}};
  if (is_sequential(call)) {
    result.op = model::Sequential{layers(context, call.items[1], nesting + 1)};
  } else {
    result.op = torch_op(context, call);
  }
  for (std::size_t i = 2; i < entry.items.size(); ++i) {
    const Value& flag = entry.items[i];
    const bool functional = flag.is(Kind::string) && flag.text == "functional";
    const bool joined = flag.is(Kind::string) && flag.text == "joined";
    if (!functional && !joined) {
      context.source.fail(Errc::malformed, flag.at, "expected \"functional\" or \"joined\", got " + describe(flag));
    }
    (functional ? result.functional : result.joined) = true;
  }
  return result;
}

std::vector<model::Layer> layers(const TorchContext& context, const Value& list, std::size_t nesting) {
  check_nesting(context.source, list.at, nesting, context.limits);
  std::vector<model::Layer> result;
  for (const Value& entry : list.items) result.push_back(layer(context, entry, nesting));
  return result;
}

}  // namespace

bool looks_own(std::string_view text) { return text.substr(0, kOwnHeader.size()) == kOwnHeader; }

model::Network parse_own(Cursor& cursor, const TorchContext& context, Scope& scope) {
  check_version(context.source);
  const std::size_t at = cursor.token().at;
  const Value call = cursor.expression(scope);
  cursor.expect_end_of_line();
  if (!cursor.at(TokenKind::end)) cursor.fail_expected("the end of the text");
  if (!call.is(Kind::call) || !call.items[0].is_name("Network")) {
    context.source.fail(Errc::malformed, at, "expected Network(...)");
  }
  const Arguments a(context.source, "Network", call, kNetwork);
  model::Network network;
  network.root_class = a.string("root_class");
  network.name = a.string("name");
  if (a.has("input_shape")) network.input_shape = a.integers("input_shape", false);
  network.inputs = strings(a, "inputs");
  network.outputs = strings(a, "outputs");
  const Value* list = a.find("layers");
  if (list == nullptr || !list->is(Kind::list)) a.fail(Errc::malformed, "layers", "expected a list");
  network.layers = layers(context, *list, 0);
  return network;
}

}  // namespace lamina::format::architecture
