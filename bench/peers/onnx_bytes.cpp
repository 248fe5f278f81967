// The few messages of ONNX that a chain of dense layers needs, written with protozero.
// SPDX-License-Identifier: Apache-2.0
//
// Field numbers are those of onnx.proto3.
#include "peers/onnx_bytes.hpp"

#include <protozero/pbf_writer.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>

namespace lamina::bench {
namespace {

using protozero::pbf_writer;

constexpr int kFloat = 1;    // TensorProto.FLOAT
constexpr int kIntType = 2;  // AttributeProto.INT

void add_tensor(pbf_writer& graph, const std::string& name, std::initializer_list<std::size_t> dims,
                const std::vector<float>& values) {
  pbf_writer tensor(graph, 5);
  for (const std::size_t dim : dims) tensor.add_int64(1, static_cast<std::int64_t>(dim));
  tensor.add_int32(2, kFloat);
  tensor.add_string(8, name);
  tensor.add_bytes(9, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

void add_attribute(pbf_writer& node, const char* name, std::int64_t value) {
  pbf_writer attribute(node, 5);
  attribute.add_string(1, name);
  attribute.add_int64(3, value);
  attribute.add_int32(20, kIntType);
}

struct Node {
  const char* type;
  std::initializer_list<std::string> inputs;
  std::string output;
  const char* attribute;  ///< null: none
  std::int64_t value;
};

void add_node(pbf_writer& graph, const Node& n) {
  pbf_writer node(graph, 1);
  for (const std::string& input : n.inputs) node.add_string(1, input);
  node.add_string(2, n.output);
  node.add_string(3, n.output);
  node.add_string(4, n.type);
  if (n.attribute != nullptr) add_attribute(node, n.attribute, n.value);
}

/// `field` is 11 for an input of the graph, 12 for an output.
void add_value(pbf_writer& graph, protozero::pbf_tag_type field, const char* name,
               std::initializer_list<std::size_t> dims) {
  pbf_writer value(graph, field);
  value.add_string(1, name);
  pbf_writer type(value, 2);
  pbf_writer tensor(type, 1);
  tensor.add_int32(1, kFloat);
  pbf_writer shape(tensor, 2);
  for (const std::size_t size : dims) {
    pbf_writer dim(shape, 1);
    dim.add_int64(1, static_cast<std::int64_t>(size));
  }
}

const char* operator_of(Act act) {
  constexpr std::array kNames = {"", "Relu", "Sigmoid", "Tanh", "Softmax"};
  return kNames[static_cast<std::size_t>(act)];
}

void add_layer(pbf_writer& graph, const Dense& layer, std::size_t l, const std::string& from, const std::string& to) {
  const std::string number = std::to_string(l), weight = "weight" + number, bias = "bias" + number;
  const std::string sum = layer.act == Act::none ? to : "sum" + number;
  add_tensor(graph, weight, {layer.out, layer.in}, layer.weight);
  add_tensor(graph, bias, {layer.out}, layer.bias);
  add_node(graph, {"Gemm", {from, weight, bias}, sum, "transB", 1});
  if (layer.act == Act::none) return;
  add_node(graph, {operator_of(layer.act), {sum}, to, layer.act == Act::softmax ? "axis" : nullptr, 1});
}

}  // namespace

std::string onnx_bytes(const Chain& chain, std::size_t rows) {
  std::string bytes;
  pbf_writer model(bytes);
  model.add_int64(1, 8);  // ir_version
  {
    pbf_writer graph(model, 7);
    graph.add_string(2, "chain");
    std::string from = "x";
    for (std::size_t l = 0; l < chain.layers.size(); ++l) {
      const std::string to = l + 1 == chain.layers.size() ? "y" : "hidden" + std::to_string(l);
      add_layer(graph, chain.layers[l], l, from, to);
      from = to;
    }
    add_value(graph, 11, "x", {rows, chain.inputs()});
    add_value(graph, 12, "y", {rows, chain.outputs()});
  }
  pbf_writer opset(model, 8);
  opset.add_int64(2, 13);
  opset.commit();
  return bytes;
}

}  // namespace lamina::bench
