// The ONNX reader: bytes -> graph -> chain -> layers.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx.hpp"

#include "base/fail.hpp"
#include "format/onnx/chain.hpp"
#include "format/onnx/operators.hpp"
#include "format/onnx/parse.hpp"

namespace lamina::format {
namespace {

using base::fail;

/// Converts node by node; problems are collected, so that a file's are told at once.
model::Network build(const onnx::Graph& graph, const onnx::Chain& chain, onnx::Values& values,
                     std::vector<std::string>& notes) {
  onnx::Builder builder(graph.input_info(chain.input).shape);
  for (const onnx::Link& link : chain.links) {
    const onnx::Node& node = graph.node(link.node);
    try {
      onnx::Conversion conversion{node, link.dynamic, values, builder, notes, onnx::Attributes(node)};
      onnx::find_operator(node.op())(conversion);
      conversion.attributes.refuse_rest();
    } catch (const Error& error) {
      throw base::with_prefix(error, graph.place(link.node));
    }
  }
  return builder.finish();
}

}  // namespace

bool recognises_onnx(const base::ByteSource& source) {
  if (source.size() < 4) return false;
  try {
    onnx::Window window(source);
    onnx::MessageReader reader(window, {0, source.size()});
    bool has_version = false;
    onnx::Field field;
    for (int i = 0; i < 64 && reader.next(field); ++i) {
      if (field.number == 1 && field.type == onnx::WireType::varint)
        has_version = field.value >= 1 && field.value <= 20;
      if (field.number == 7 && field.type == onnx::WireType::bytes) return has_version;
    }
  } catch (const Error&) {
    return false;
  }
  return false;
}

Contents read_onnx(const base::ByteSource& source, const LoadOptions& options) {
  onnx::Window window(source);
  const onnx::ModelProto model = onnx::parse_model(window, options.limits);
  const onnx::Graph graph(model);
  onnx::TensorReader tensors(window, options);
  onnx::Values values(graph, tensors);
  Contents contents;
  contents.format = "ONNX";
  if (model.graph.outputs.empty()) fail(Errc::malformed, "graph", "has no output");
  const onnx::ValueId output = graph.find(model.graph.outputs[0].name);
  if (output == onnx::kNone) fail(Errc::malformed, "graph", "its output is made by no node");
  const onnx::Chain chain = onnx::find_chain(graph, values, output);
  contents.network = build(graph, chain, values, contents.notes);
  contents.network->inputs = {std::string(graph.value(chain.input).name)};
  contents.network->outputs = {std::string(graph.value(output).name)};
  return contents;
}

}  // namespace lamina::format
