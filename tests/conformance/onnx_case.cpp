// One operator test of the ONNX project -> a model whose weights are initializers, its input and the expected output.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/onnx_case.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace lamina::test {
namespace {

namespace fs = std::filesystem;
using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::pbf_writer;

// Numbers of the fields, from onnx.proto.
enum Model : std::uint32_t { ir_version = 1, graph = 7 };
enum Graph : std::uint32_t { node = 1, initializer = 5, input = 11, output = 12 };
enum Node : std::uint32_t { op_type = 4, attribute = 5 };
enum Attribute : std::uint32_t { attribute_name = 1, integer = 3 };
enum TensorField : std::uint32_t {
  dims = 1,
  data_type = 2,
  float_data = 4,
  int32_data = 5,
  tensor_name = 8,
  raw_data = 9
};
enum ValueInfo : std::uint32_t { value_name = 1, value_type = 2 };
constexpr std::uint32_t kTensorType = 1;        // of TypeProto
constexpr std::int64_t kListsInitializers = 4;  // an ir_version below wants initializers among the inputs

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void copy_field(pbf_reader& from, pbf_writer& to) {
  const protozero::pbf_tag_type tag = from.tag();  // gone once the value is taken
  switch (from.wire_type()) {
    case pbf_wire_type::varint:
      return to.add_uint64(tag, from.get_uint64());
    case pbf_wire_type::fixed64:
      return to.add_fixed64(tag, from.get_fixed64());
    case pbf_wire_type::fixed32:
      return to.add_fixed32(tag, from.get_fixed32());
    default:
      return to.add_bytes(tag, from.get_view());
  }
}

void read_dims(pbf_reader& message, std::vector<std::int64_t>& sizes) {
  if (message.wire_type() == pbf_wire_type::varint) {
    sizes.push_back(message.get_int64());
    return;
  }
  for (const std::int64_t size : message.get_packed_int64()) sizes.push_back(size);
}

std::vector<float> numbers(std::string_view raw, std::int32_t type) {
  std::vector<float> values;
  if (type == kOnnxFloat) {
    values.resize(raw.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), raw.data(), values.size() * sizeof(float));
  }
  if (type == kOnnxBool) values.assign(raw.begin(), raw.end());
  return values;
}

OnnxTensor read_tensor(const fs::path& path) {
  OnnxTensor tensor;
  std::string raw;
  tensor.bytes = content_of(path);
  pbf_reader message(tensor.bytes);
  while (message.next()) {
    if (message.tag() == TensorField::dims) {
      read_dims(message, tensor.dims);
    } else if (message.tag() == TensorField::data_type) {
      tensor.type = message.get_int32();
    } else if (message.tag() == TensorField::float_data || message.tag() == TensorField::raw_data) {
      raw = message.get_bytes();
    } else {
      message.skip();
    }
  }
  tensor.values = numbers(raw, tensor.type);
  return tensor;
}

/// input_0.pb, input_1.pb, ...
std::vector<OnnxTensor> read_tensors(const fs::path& folder, const std::string& stem) {
  std::vector<OnnxTensor> tensors;
  for (int i = 0; fs::exists(folder / (stem + std::to_string(i) + ".pb")); ++i) {
    tensors.push_back(read_tensor(folder / (stem + std::to_string(i) + ".pb")));
  }
  return tensors;
}

std::string with_name(const OnnxTensor& tensor, const std::string& name) {
  std::string bytes;
  pbf_writer writer(bytes);
  pbf_reader message(tensor.bytes);
  while (message.next()) {
    if (message.tag() == TensorField::tensor_name) {
      message.skip();
    } else {
      copy_field(message, writer);
    }
  }
  writer.add_string(TensorField::tensor_name, name);
  return bytes;
}

struct Input {
  std::string name;
  bool is_tensor = false;
};

Input read_input(pbf_reader info) {
  Input result;
  while (info.next()) {
    if (info.tag() == ValueInfo::value_name) {
      result.name = info.get_string();
    } else if (info.tag() == ValueInfo::value_type) {
      pbf_reader type = info.get_message();
      result.is_tensor = type.next(kTensorType);
    } else {
      info.skip();
    }
  }
  return result;
}

void read_attribute(pbf_reader message, OnnxCase& test) {
  std::string name;
  std::int64_t value = 0;
  while (message.next()) {
    if (message.tag() == Attribute::attribute_name) {
      name = message.get_string();
    } else if (message.tag() == Attribute::integer) {
      value = message.get_int64();
    } else {
      message.skip();
    }
  }
  if (name == "axis" && !test.has_axis) {
    test.axis = value;
    test.has_axis = true;
  }
  if (name == "training_mode" && value != 0) test.trains = true;
}

void read_node(pbf_reader message, OnnxCase& test) {
  while (message.next()) {
    if (message.tag() == Node::op_type) {
      const std::string op = message.get_string();
      if (std::ranges::find(test.operators, op) == test.operators.end()) test.operators.push_back(op);
    } else if (message.tag() == Node::attribute) {
      read_attribute(message.get_message(), test);
    } else {
      message.skip();
    }
  }
}

/// Copies the graph with its first output only and without (where `ir` allows it) the inputs that become initializers.
std::string rewrite_graph(pbf_reader message, std::int64_t ir, OnnxCase& test) {
  std::string bytes;
  pbf_writer writer(bytes);
  std::vector<std::string> names;
  int outputs = 0;
  while (message.next()) {
    if (message.tag() == Graph::input) {
      const auto info = message.get_view();
      const Input found = read_input(pbf_reader(info));
      if (names.empty() || ir < kListsInitializers) writer.add_bytes(Graph::input, info);
      if (names.empty()) test.takes_tensors = found.is_tensor;
      names.push_back(found.name);
      continue;
    }
    if (message.tag() == Graph::output && ++outputs > 1) {  // masks and statistics, which nobody asks for here
      message.skip();
      continue;
    }
    if (message.tag() == Graph::node) {
      const auto node_bytes = message.get_view();
      read_node(pbf_reader(node_bytes), test);
      writer.add_bytes(Graph::node, node_bytes);
      continue;
    }
    copy_field(message, writer);
  }
  for (std::size_t i = 1; i < std::min(names.size(), test.inputs.size()); ++i) {
    writer.add_bytes(Graph::initializer, with_name(test.inputs[i], names[i]));
  }
  return bytes;
}

}  // namespace

OnnxCase read_onnx_case(const fs::path& folder) {
  OnnxCase test;
  test.name = folder.filename().string();
  test.inputs = read_tensors(folder / "test_data_set_0", "input_");
  test.output = read_tensor(folder / "test_data_set_0" / "output_0.pb");
  const std::string file = content_of(folder / "model.onnx");
  pbf_writer writer(test.model);
  pbf_reader message(file);
  std::int64_t ir = kListsInitializers;
  while (message.next()) {
    if (message.tag() == Model::ir_version) {
      ir = message.get_int64();
      writer.add_int64(Model::ir_version, ir);
    } else if (message.tag() == Model::graph) {
      writer.add_bytes(Model::graph, rewrite_graph(message.get_message(), ir, test));
    } else {
      copy_field(message, writer);
    }
  }
  // Dropout's training_mode is its third input.
  test.trains |= std::ranges::any_of(test.inputs, [](const OnnxTensor& tensor) {
    return tensor.type == kOnnxBool && tensor.values == std::vector<float>{1};
  });
  return test;
}

}  // namespace lamina::test
