// The ONNX reader: bytes -> graph -> chain of nodes -> layers.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx.hpp"

#include "base/fail.hpp"
#include "format/onnx/convert.hpp"
#include "format/onnx/output.hpp"
#include "format/onnx/parse.hpp"

namespace lamina::format {
namespace {

constexpr int kMostHeadFields = 64;
constexpr std::uint64_t kNewestIr = 20;  // of today's 13

void note_unused_inputs(const onnx::Graph& graph, const onnx::Chain& chain, std::vector<std::string>& notes) {
  for (const onnx::ValueId input : graph.inputs()) {
    if (input == chain.input) continue;
    notes.push_back("input " + base::quoted(graph.value(input).name) + " was left aside: the output does not need it");
  }
}

}  // namespace

bool recognises_onnx(const base::ByteSource& source) {
  bool has_version = false;
  onnx::Field field;
  try {
    onnx::Window window(source);
    onnx::MessageReader reader(window, {0, source.size()});
    for (int i = 0; i < kMostHeadFields && reader.next(field); ++i) {
      const bool is_version = field.number == 1 && field.type == onnx::WireType::varint;
      if (is_version) has_version = field.value >= 1 && field.value <= kNewestIr;
      if (field.number == 7 && field.type == onnx::WireType::bytes) return has_version;
    }
  } catch (const Error& error) {
    // Foreign content is no error here; a file that was cut within its graph is ONNX all the same.
    return has_version && field.number == 7 && error.code() == Errc::truncated;
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
  onnx::Output output = onnx::choose_output(model, graph, values, options.output_name);
  contents.notes = std::move(output.notes);
  const onnx::Chain chain = onnx::find_chain(graph, values, output.value);
  note_unused_inputs(graph, chain, contents.notes);
  contents.network = onnx::convert_chain(graph, chain, values, options.limits, contents.notes);
  contents.network->outputs = {output.name};
  return contents;
}

}  // namespace lamina::format
