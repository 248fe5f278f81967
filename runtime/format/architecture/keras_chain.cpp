// Layer after layer, with the row's shape carried along and Keras's automatic names.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_chain.hpp"

#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/torch_layers.hpp"
#include "model/infer.hpp"

#include <map>
#include <set>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kInput[] = {
    "shape",       "batch_size", "dtype",    "sparse",    "batch_shape",       "name",         "tensor",
    "input_shape", "ragged",     "optional", "type_spec", "batch_input_shape", "input_tensor", "input_dtype"};

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

const Value* keyword(const Value& call, std::string_view name) {
  for (std::size_t i = 1; i < call.items.size(); ++i) {
    if (call.items[i].keyword == name) return &call.items[i];
  }
  return nullptr;
}

constexpr std::size_t kMostErrors = 64;  // of one model

/// Functional(layers=[...]) exists in what JSON stands for only: in code it takes inputs and outputs.
bool is_chain(const Value& call, std::string_view class_name) {
  return class_name == "Sequential" || (class_name == "Functional" && call.at == kNowhere);
}

bool is_frozen(const Value& call) {
  const Value* trainable = keyword(call, "trainable");
  return trainable != nullptr && trainable->is(Kind::boolean) && trainable->integer == 0;
}

/// Without numbers in the call: adapt() found them, and they are weights.
bool is_adapted(const Value& call, std::string_view class_name) {
  if (class_name != "Normalization") return false;
  const Value* mean = keyword(call, "mean");
  const Value* variance = keyword(call, "variance");
  return mean == nullptr || mean->is(Kind::none) || variance == nullptr || variance->is(Kind::none);
}

/// Sequential and its layers with one counter of names for all of them, as in one Keras session.
class Builder {
 public:
  explicit Builder(const KerasContext& context) : context_(context) {}

  struct Chain {
    std::string name;
    std::vector<model::Layer> layers;
    std::vector<KerasLayer> keras_layers;
    std::optional<Shape> input, shape;
    std::set<std::string> names;
    const Value* build_shape = nullptr;
    std::vector<Error> errors;  // of its layers
  };

  Chain sequential(const Value& call, const std::optional<Shape>& input, std::size_t nesting) {
    check_nesting(context_.source, call.at, nesting, context_.limits);
    Chain chain{.name = name_of(call, "Sequential"),
                .layers = {},
                .keras_layers = {},
                .input = input,
                .shape = input,
                .names = {},
                .build_shape = call.at == kNowhere ? keyword(call, "build_input_shape") : nullptr,
                .errors = {}};
    for (std::size_t i = 1; i < call.items.size(); ++i) {
      const Value& item = call.items[i];
      if (item.keyword == "name" || item.keyword == "trainable" || &item == chain.build_shape) continue;
      if (!item.keyword.empty() && item.keyword != "layers") {
        context_.source.fail(Errc::malformed, item.at, "Sequential: unknown argument " + base::quoted(item.keyword));
      }
      if (item.is_sequence()) {
        for (const Value& layer : item.items) add_named(chain, layer, nesting);
      } else if (!item.is(Kind::none)) {
        add_named(chain, item, nesting);
      }
    }
    if (!chain.errors.empty()) throw joined(chain.errors);
    return chain;
  }

 private:
  /// What is wrong with a layer is told with the others, but errors about shapes behind the first, which it may have
  /// caused. A layer from JSON has no place in a text: its errors name it instead.
  void add_named(Chain& chain, const Value& call, std::size_t nesting) {
    try {
      add(chain, call, nesting);
    } catch (const Error& error) {
      const Value* name = keyword(call, "name");
      const bool named = name != nullptr && name->is(Kind::string);
      const std::string place = named ? "layer " + base::quoted(name->text) : "a layer";
      const Error whole = call.at == kNowhere ? base::with_prefix(error, place) : error;
      if (error.code() == Errc::limit_exceeded) throw whole;
      const bool about_shapes =
          error.code() == Errc::shape_mismatch || (!chain.shape && error.code() == Errc::malformed);
      if (about_shapes && !chain.errors.empty()) return;
      if (chain.errors.size() < kMostErrors) chain.errors.push_back(whole);
    }
  }

  static Error joined(const std::vector<Error>& errors) {
    std::vector<std::string> problems;
    for (const Error& error : errors) {
      const std::vector<std::string>& inner = error.problems();  // of a nested model
      if (inner.empty()) problems.emplace_back(error.what());
      problems.insert(problems.end(), inner.begin(), inner.end());
    }
    if (problems.size() == 1) problems.clear();
    const Error& first = errors.front();
    return {first.code(), first.what(), std::move(problems), first.excerpt()};
  }

  void add(Chain& chain, const Value& call, std::size_t nesting) {
    const std::string class_name = class_of(call);
    if (class_name == "Input" || class_name == "InputLayer") return input_layer(chain, call);
    first_layer_shape(chain, call);
    const std::string name = name_of(call, class_name);
    if (!chain.names.insert(name).second) {
      context_.source.fail(Errc::malformed, call.at, "two layers named " + base::quoted(name));
    }
    KerasLayer keras_layer{.name = name,
                           .class_name = class_name,
                           .index = chain.layers.size(),
                           .children = {},
                           .trainable = !is_frozen(call),
                           .adapted = is_adapted(call, class_name)};
    if (is_chain(call, class_name)) {
      Chain inner = sequential(call, chain.shape, nesting + 1);
      chain.layers.push_back({.name = name, .op = model::Sequential{std::move(inner.layers)}});
      if (!chain.input) chain.input = inner.input;
      chain.shape = inner.shape;
      keras_layer.children = std::move(inner.keras_layers);
    } else {
      KerasOps ops = keras_ops(context_, class_name, call, chain.shape);
      append(chain, call, {.name = name, .op = std::move(ops.op)});
      if (ops.joined) {
        append(chain, call, {.name = name + "_activation", .op = std::move(*ops.joined), .joined = true});
      }
    }
    chain.keras_layers.push_back(std::move(keras_layer));
  }

  void append(Chain& chain, const Value& call, model::Layer layer) {
    validate_at(context_.source, call.at, layer);
    try {
      if (chain.shape) chain.shape = model::output_shape(layer, *chain.shape);
    } catch (const Error& error) {
      context_.source.fail(error.code(), call.at, error.what());
    }
    chain.layers.push_back(std::move(layer));
  }

  [[nodiscard]] std::string class_of(const Value& call) const {
    const Source& source = context_.source;
    if (!call.is(Kind::call)) {
      source.fail(Errc::malformed, call.at, "expected a layer such as Dense(128), got " + describe(call));
    }
    const bool functional = !call.items[0].is(Kind::name) || call.items[0].text == "Model" ||
                            call.items[0].text.find(".Model") != std::string::npos;
    if (functional) {
      source.fail(Errc::unsupported_feature, call.at,
                  "only Sequential is read as code: for a functional model give the text of model.to_json()");
    }
    const Callee callee = resolve(call.items[0].text, context_.scope);
    if (callee.origin != Library::bare && callee.origin != Library::keras) {
      fail_unknown_keras_layer(source, call.at, call.items[0].text);
    }
    return callee.name;
  }

  [[nodiscard]] std::string name_of(const Value& call, const std::string& class_name) {
    const Value* given = keyword(call, "name");
    if (given != nullptr && given->is(Kind::string)) return given->text;
    const std::string stem = snake_case(class_name);
    const std::size_t count = counters_[stem]++;
    return count == 0 ? stem : stem + "_" + std::to_string(count);
  }

  void input_layer(Chain& chain, const Value& call) {
    if (!chain.layers.empty()) {
      context_.source.fail(Errc::unsupported_feature, call.at, "an input layer that is not the first");
    }
    const Arguments a(context_.source, "Input", call, kInput);
    for (const std::string_view name : {"sparse", "ragged"}) {
      if (a.has(name) && a.boolean(name)) a.fail(Errc::unsupported_feature, name, "is not supported");
    }
    for (const std::string_view name : {"shape", "input_shape", "batch_shape", "batch_input_shape"}) {
      if (a.has(name)) set_input(chain, *a.find(name), name.substr(0, 5) == "batch");
    }
    chain.keras_layers.push_back(
        {.name = name_of(call, "InputLayer"), .class_name = "InputLayer", .index = {}, .children = {}});
  }

  /// input_shape=, batch_input_shape= or input_dim= of the first layer; else what fit() saw, where a file has it.
  void first_layer_shape(Chain& chain, const Value& call) {
    if (!chain.layers.empty() || chain.shape) return;
    if (const Value* shape = keyword(call, "input_shape"); shape != nullptr) set_input(chain, *shape, false);
    if (const Value* shape = keyword(call, "batch_input_shape"); shape != nullptr) set_input(chain, *shape, true);
    const Value* size = keyword(call, "input_dim");
    if (size != nullptr && !size->is(Kind::none) && !chain.shape) {
      Value tuple{.kind = Kind::tuple, .at = size->at};
      tuple.items.push_back(*size);
      set_input(chain, tuple, false);
    }
    if (!chain.shape && chain.build_shape != nullptr) set_input(chain, *chain.build_shape, true);
  }

  void set_input(Chain& chain, const Value& value, bool with_batch) {
    if (value.is(Kind::none)) return;
    const Source& source = context_.source;
    if (!value.is_sequence() || (with_batch && value.items.empty())) {
      source.fail(Errc::malformed, value.at, "expected a shape such as (784,), got " + describe(value));
    }
    Shape shape;
    for (std::size_t i = with_batch ? 1 : 0; i < value.items.size(); ++i) {
      const Value& size = value.items[i];
      if (size.is(Kind::none)) source.fail(Errc::unsupported_feature, value.at, "a row's size that is None");
      if (!size.is(Kind::integer)) source.fail(Errc::malformed, size.at, "expected a size, got " + describe(size));
      if (size.integer < 1) source.fail(Errc::invalid_argument, value.at, "a size below 1");
      shape.push_back(size.integer);
    }
    if (shape.size() > 7) source.fail(Errc::limit_exceeded, value.at, "more than 7 dimensions");
    if (chain.shape && *chain.shape != shape) {
      source.fail(Errc::shape_mismatch, value.at,
                  "input: expected " + to_string(*chain.shape) + ", got " + to_string(shape));
    }
    (void)element_count(shape);
    chain.input = chain.shape = std::move(shape);
  }

  const KerasContext& context_;
  std::map<std::string, std::size_t> counters_;
};

}  // namespace

std::string snake_case(std::string_view class_name) {
  std::string name;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const char c = class_name[i];
    const bool before_lower = i + 1 < class_name.size() && is_lower(class_name[i + 1]);
    if (i > 0 && is_upper(c) && (before_lower || is_lower(class_name[i - 1]))) name += '_';
    name += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

KerasNetwork keras_network(const KerasContext& context, const Value& call) {
  Builder builder(context);
  const Value* sequential = &call;
  Value wrapped{.kind = Kind::call, .at = call.at};
  const bool named = call.is(Kind::call) && call.items[0].is(Kind::name);
  if (!named || !is_chain(call, resolve(call.items[0].text, context.scope).name)) {  // one layer by itself
    wrapped.items = {make_name("Sequential", call.at), call};
    sequential = &wrapped;
  }
  auto chain = builder.sequential(*sequential, {}, 0);
  KerasNetwork result;
  result.network.name = std::move(chain.name);
  result.network.layers = std::move(chain.layers);
  result.network.input_shape = std::move(chain.input);
  result.layers = std::move(chain.keras_layers);
  return result;
}

}  // namespace lamina::format::architecture
