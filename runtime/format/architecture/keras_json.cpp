// JSON -> Value; what has no effect at inference and is no known argument either is refused, unless it is off.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_json.hpp"

#include "base/fail.hpp"
#include "format/architecture/keras_layers.hpp"

#include <limits>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

Value with_kind(Kind kind) { return {.kind = kind}; }

bool is_model(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

std::string class_name_of(const Json& object) { return member(object, "class_name", "layer").string("class_name"); }

std::string place_of(const Json& layer) {
  const Json* config = layer.find("config");
  const Json* name = config == nullptr ? nullptr : config->find("name");
  return name != nullptr && name->is_string() ? "layer " + base::quoted(name->string("name")) : "a layer";
}

/// A layer that somebody registered under a built-in's name would run other code.
void check_built_in(const Json& object, const std::string& class_name) {
  const Json* module = object.find("module");
  if (module != nullptr && module->is_string()) {
    const std::string& name = module->string("module");
    const bool ours = name == "keras" || name == "tf_keras" || name == "builtins" || name.rfind("keras.", 0) == 0 ||
                      name.rfind("tf_keras.", 0) == 0;
    if (!ours) {
      base::fail(Errc::unsupported_layer, "layer " + base::quoted(class_name),
                 "comes from " + base::quoted(name) + ", not from Keras");
    }
  }
  const Json* registered = object.find("registered_name");
  if (registered != nullptr && registered->is_string() && registered->string("registered_name") != class_name) {
    base::fail(Errc::unsupported_layer, "layer " + base::quoted(class_name),
               "is a custom class, registered as " + base::quoted(registered->string("registered_name")));
  }
}

Value value_of(const Json& json);

Value sequence_of(const JsonArray& array) {
  Value list = with_kind(Kind::list);
  for (const Json& item : array) list.items.push_back(value_of(item));
  return list;
}

/// Initializers, policies and the like are only written down; a tuple is its items.
Value object_value(const Json& object) {
  const Json* class_name = object.find("class_name");
  const Json* items = object.find("items");
  if (class_name != nullptr && items != nullptr && items->is_array()) return sequence_of(items->array("items"));
  Value call = with_kind(Kind::call);
  const bool named = class_name != nullptr && class_name->is_string();
  call.items.push_back(make_name(named ? class_name->string("class_name") : "object", kNowhere));
  return call;
}

Value value_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_array()) return sequence_of(json.array("list"));
  if (json.is_object()) return object_value(json);
  Value value;
  if (json.is_string()) {
    value.kind = Kind::string;
    value.text = json.string("string");
  } else if (const auto* flag = std::get_if<bool>(&json.value)) {
    value.kind = Kind::boolean;
    value.integer = *flag ? 1 : 0;
  } else if (std::holds_alternative<double>(json.value)) {
    value.kind = Kind::real;
    value.real = json.number("number");
  } else {
    value = make_integer(json.integer("number"), kNowhere);
  }
  return value;
}

/// null, "relu", {"class_name": "function", "config": "relu"}, or a layer.
Value activation_value(const Json& json) {
  if (!json.is_object()) return value_of(json);
  const std::string class_name = class_name_of(json);
  const Json* config = json.find("config");
  const bool function = class_name == "function" && config != nullptr && config->is_string();
  return function ? value_of(*config) : keras_layer_call(json);
}

/// "float32", or a policy that has it as its name.
Value dtype_value(const Json& json) {
  const Json* config = json.is_object() ? json.find("config") : nullptr;
  const Json* name = config != nullptr ? config->find("name") : nullptr;
  return name != nullptr ? value_of(*name) : value_of(json);
}

bool is_off(const Value& value) {
  return value.is(Kind::none) || (value.is(Kind::boolean) && value.integer == 0) ||
         (value.is_sequence() && value.items.empty());
}

void add_argument(Value& call, const std::string& class_name, const std::string& key, const Json& json) {
  Value value = key == "activation" ? activation_value(json) : key == "dtype" ? dtype_value(json) : value_of(json);
  if (is_off(value) && !keras_has_argument(class_name, key)) return;
  value.keyword = key;
  call.items.push_back(std::move(value));
}

}  // namespace

const Json& member(const Json& object, std::string_view key, std::string_view place) {
  const Json* found = object.find(key);
  if (found == nullptr) base::fail(Errc::malformed, place, "'" + std::string(key) + "' is missing");
  return *found;
}

Value keras_layer_call(const Json& layer) {
  const std::string class_name = class_name_of(layer);
  check_built_in(layer, class_name);
  if (is_model(class_name)) return keras_model_call(layer);
  Value call = with_kind(Kind::call);
  call.items.push_back(make_name(class_name, kNowhere));
  for (const auto& [key, json] : member(layer, "config", class_name).object(class_name)) {
    add_argument(call, class_name, key, json);
  }
  return call;
}

namespace {

/// The layers of a model, or an Error with all of them that lamina does not read.
class LayerCalls {
 public:
  void add(const Json& layer) {
    try {
      calls_.push_back(keras_layer_call(layer));
      const std::string class_name = class_name_of(layer);
      if (is_keras_layer(class_name) || is_model(class_name) || class_name == "InputLayer") return;
      fail_unknown_keras_layer(Source({}, {}), kNowhere, class_name);
    } catch (const Error& error) {
      collect(base::with_prefix(error, place_of(layer)));
    }
  }

  std::vector<Value> take() {
    if (problems_.empty()) return std::move(calls_);
    const std::string first = problems_.front();
    throw Error(code_, first, std::move(problems_));
  }

 private:
  void collect(const Error& error) {
    if (problems_.empty()) code_ = error.code();
    const std::vector<std::string>& inner = error.problems();  // of a nested model
    if (inner.empty()) problems_.emplace_back(error.what());
    problems_.insert(problems_.end(), inner.begin(), inner.end());
  }

  std::vector<Value> calls_;
  std::vector<std::string> problems_;
  Errc code_ = Errc::malformed;
};

void add_keyword(Value& call, std::string_view key, const Json* json) {
  if (json == nullptr) return;
  call.items.push_back(value_of(*json));
  call.items.back().keyword = key;
}

}  // namespace

Value keras_model_call(const Json& model) {
  const std::string class_name = class_name_of(model);
  if (!is_model(class_name)) {
    base::fail(Errc::unsupported_layer, "model " + base::quoted(class_name), "only Sequential and Functional are read");
  }
  check_built_in(model, class_name);
  const Json& config = member(model, "config", class_name);
  LayerCalls layers;
  if (class_name != "Sequential") {
    for (const Json* layer : functional_chain(config)) layers.add(*layer);
  } else {
    const Json& listed = config.is_array() ? config : member(config, "layers", class_name);  // a list until Keras 2.2
    for (const Json& layer : listed.array("layers")) layers.add(layer);
  }
  Value list = with_kind(Kind::list);
  list.keyword = "layers";
  list.items = layers.take();
  Value call = with_kind(Kind::call);
  call.items.push_back(make_name(class_name == "Sequential" ? "Sequential" : "Functional", kNowhere));
  if (const Json* name = config.find("name"); name != nullptr && name->is_string()) add_keyword(call, "name", name);
  if (class_name == "Sequential") add_keyword(call, "build_input_shape", config.find("build_input_shape"));
  call.items.push_back(std::move(list));
  return call;
}

}  // namespace lamina::format::architecture
