// Nodes and weights -> an ONNX file; a file and rows -> lamina's layers and answers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/reader.hpp"
#include "model/print.hpp"
#include "support/failure.hpp"
#include "support/onnx_message.hpp"
#include "support/pickle_writer.hpp"

#include <lamina/lamina.hpp>

#include <cstring>
#include <string>
#include <vector>

namespace lamina::test {

/// The bytes of numbers as they lie in memory.
template <class T>
std::string raw_bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// An ONNX file under construction: the input is "x", the output is "y".
struct OnnxFile {
  std::vector<std::int64_t> input = {-1, 2};  // -1: a dimension with a name
  std::int32_t input_type = 1;
  std::int64_t opset = 17, ir = 8;
  std::vector<std::string> nodes = {}, initializers = {};
  std::vector<std::string> outputs = {"y"};
  std::vector<std::string> more_inputs = {};  // ValueInfo messages
  std::vector<std::string> domains = {};      // imported beside ONNX's own

  OnnxFile& node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output = "y",
                 const std::vector<std::string>& attributes = {}) {
    nodes.push_back(onnx::node(op, inputs, output, attributes));
    return *this;
  }
  OnnxFile& floats(const std::string& name, std::initializer_list<std::int64_t> dims,
                   const std::vector<float>& values) {
    initializers.push_back(onnx::tensor(name, dims, raw_bytes(values)));
    return *this;
  }
  OnnxFile& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    initializers.push_back(onnx::tensor(name, {static_cast<std::int64_t>(values.size())}, raw_bytes(values), "", 7));
    return *this;
  }
  OnnxFile& scalar(const std::string& name, float value) { return floats(name, {}, {value}); }

  [[nodiscard]] std::string bytes() const;
};

inline std::string onnx_value(const std::string& name, const std::vector<std::int64_t>& dims, std::int32_t type) {
  using onnx::message;
  using onnx::pbf_writer;
  const std::string shape = message([&](pbf_writer& w) {
    for (const std::int64_t size : dims) {
      w.add_message(1, message([&](pbf_writer& d) { size < 0 ? d.add_string(2, "n") : d.add_int64(1, size); }));
    }
  });
  const std::string tensor = message([&](pbf_writer& w) {
    w.add_int32(1, type);
    w.add_message(2, shape);
  });
  const std::string kind = message([&](pbf_writer& w) { w.add_message(1, tensor); });
  return message([&](pbf_writer& w) {
    w.add_string(1, name);
    w.add_message(2, kind);
  });
}

inline std::string OnnxFile::bytes() const {
  using onnx::message;
  using onnx::pbf_writer;
  const std::string graph = message([&](pbf_writer& w) {
    for (const std::string& part : nodes) w.add_message(1, part);
    for (const std::string& part : initializers) w.add_message(5, part);
    w.add_message(11, onnx_value("x", input, input_type));
    for (const std::string& part : more_inputs) w.add_message(11, part);
    for (const std::string& name : outputs) w.add_message(12, onnx_value(name, {-1, 2}, 1));
  });
  return message([&](pbf_writer& w) {
    w.add_int64(1, ir);
    w.add_message(7, graph);
    w.add_message(8, message([&](pbf_writer& o) { o.add_int64(2, opset); }));
    for (const std::string& domain : domains) {
      w.add_message(8, message([&](pbf_writer& o) {
                      o.add_string(1, domain);
                      o.add_int64(2, 1);
                    }));
    }
  });
}

inline model::Network read_onnx_file(const OnnxFile& file, const LoadOptions& options = {}) {
  const std::string bytes = file.bytes();
  return format::read_network(base::ByteSource::over(as_bytes(bytes)), options);
}

/// The layers as PyTorch prints them, separated by "; ".
inline std::string layers_of(const OnnxFile& file, const LoadOptions& options = {}) {
  std::string text;
  for (const model::Layer& layer : read_onnx_file(file, options).layers) {
    text += (text.empty() ? "" : "; ") + model::torch_repr(layer);
  }
  return text;
}

inline std::string onnx_refusal(const OnnxFile& file, const LoadOptions& options = {}) {
  return failure([&] { (void)read_onnx_file(file, options); });
}

inline std::vector<float> onnx_answer(const OnnxFile& file, const std::vector<float>& x) {
  const Plan plan = Model(read_onnx_file(file)).compile();
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  Workspace workspace = plan.workspace();
  plan.run(x, y, workspace);
  return y;
}

inline std::string ints_attribute(const std::string& name, const std::vector<std::int64_t>& values) {
  return onnx::message([&](onnx::pbf_writer& w) {
    w.add_string(1, name);
    for (const std::int64_t value : values) w.add_int64(8, value);
    w.add_int32(20, 7);
  });
}
inline std::string text_attribute(const std::string& name, const std::string& value) {
  return onnx::message([&](onnx::pbf_writer& w) {
    w.add_string(1, name);
    w.add_bytes(4, value);
    w.add_int32(20, 3);
  });
}

}  // namespace lamina::test
