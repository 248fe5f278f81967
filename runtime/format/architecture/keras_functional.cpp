// A Functional config's graph -> its layers in order, if it is one chain.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/keras_json.hpp"

#include <map>

namespace lamina::format::architecture {
namespace {

[[noreturn]] void fail_no_chain(const std::string& layer, const std::string& what) {
  base::fail(Errc::unsupported_feature, "layer " + base::quoted(layer), what + "; only a single chain is read");
}

const Json& only(const JsonArray& array, const std::string& layer, const char* what) {
  if (array.size() != 1) fail_no_chain(layer, std::to_string(array.size()) + " " + what);
  return array[0];
}

/// ["name", 0, 0, ...] -> name; a layer used a second time has another number.
const std::string& history_name(const JsonArray& history, const std::string& layer) {
  if (history.size() < 3) base::fail(Errc::malformed, "layer " + base::quoted(layer), "an inbound node without name");
  if (history[1].integer("node") != 0 || history[2].integer("tensor") != 0) {
    fail_no_chain(layer, "takes a later output of " + base::quoted(history[0].string("name")));
  }
  return history[0].string("name");
}

/// Keras 3: {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [...]}}], "kwargs": {}}.
const std::string& node_source(const Json& node, const std::string& layer) {
  const std::string place = "layer " + base::quoted(layer);
  if (node.is_object()) {
    const Json& tensor = only(member(node, "args", place).array(place), layer, "inputs");
    const Json& config = member(tensor, "config", place);
    return history_name(member(config, "keras_history", place).array(place), layer);
  }
  // Keras 2: [["name", 0, 0, {}]], in some versions without the outer list.
  const JsonArray& array = node.array(place);
  if (!array.empty() && array[0].is_string()) return history_name(array, layer);
  return history_name(only(array, layer, "inputs").array(place), layer);
}

/// input_layers, output_layers: ["name", 0, 0] or [["name", 0, 0]].
std::string end_name(const Json& config, std::string_view key) {
  const JsonArray& array = member(config, key, "Functional").array(key);
  if (!array.empty() && array[0].is_string()) return array[0].string(key);
  if (array.size() != 1) {
    base::fail(Errc::unsupported_feature, std::string(key),
               std::to_string(array.size()) + " of them; only one is read");
  }
  const JsonArray& inner = array[0].array(key);
  if (inner.empty()) base::fail(Errc::malformed, std::string(key), "no name");
  return inner[0].string(key);
}

const std::string& layer_name(const Json& layer) {
  if (const Json* name = layer.find("name")) return name->string("layer name");
  return member(member(layer, "config", "layer"), "name", "layer").string("layer name");
}

struct Graph {
  std::map<std::string, const Json*> by_name;
  std::map<std::string, std::string> next;
};

Graph graph_of(const JsonArray& layers) {
  Graph graph;
  for (const Json& layer : layers) {
    const std::string& name = layer_name(layer);
    if (!graph.by_name.emplace(name, &layer).second) {
      base::fail(Errc::malformed, "Functional", "two layers named " + base::quoted(name));
    }
    const Json* nodes = layer.find("inbound_nodes");
    if (nodes == nullptr || nodes->array(name).empty()) continue;
    const std::string& source = node_source(only(nodes->array(name), name, "uses"), name);
    if (!graph.next.emplace(source, name).second) fail_no_chain(source, "feeds two layers");
  }
  return graph;
}

}  // namespace

std::vector<const Json*> functional_chain(const Json& config) {
  const JsonArray& layers = member(config, "layers", "Functional").array("layers");
  const Graph graph = graph_of(layers);
  std::vector<const Json*> chain;
  std::string name = end_name(config, "input_layers");
  while (chain.size() <= layers.size()) {
    const auto layer = graph.by_name.find(name);
    if (layer == graph.by_name.end()) base::fail(Errc::malformed, "Functional", "no layer named " + base::quoted(name));
    chain.push_back(layer->second);
    const auto next = graph.next.find(name);
    if (next == graph.next.end()) break;
    name = next->second;
  }
  if (chain.size() != layers.size() || name != end_name(config, "output_layers")) {
    fail_no_chain(name, "is where the chain from the input ends, with " + std::to_string(chain.size()) + " of " +
                            std::to_string(layers.size()) + " layers");
  }
  return chain;
}

}  // namespace lamina::format::architecture
