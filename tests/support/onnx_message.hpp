// Values, tensors and nodes -> the bytes of an ONNX file: also of ones that no exporter would write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace lamina::test::onnx {

using protozero::pbf_writer;

/// A message; `write` adds its fields. The numbers of fields are those of onnx.proto.
template <class Write>
std::string message(Write write) {
  std::string bytes;
  pbf_writer writer(bytes);
  write(writer);
  return bytes;
}

/// A float32 matrix of any number of rows.
inline std::string value_info(const std::string& name, std::int64_t features) {
  const std::string batch = message([](pbf_writer& w) { w.add_string(2, "N"); });
  const std::string size = message([&](pbf_writer& w) { w.add_int64(1, features); });
  const std::string shape = message([&](pbf_writer& w) {
    w.add_message(1, batch);
    w.add_message(1, size);
  });
  const std::string tensor = message([&](pbf_writer& w) {
    w.add_int32(1, 1);  // FLOAT
    w.add_message(2, shape);
  });
  const std::string type = message([&](pbf_writer& w) { w.add_message(1, tensor); });
  return message([&](pbf_writer& w) {
    w.add_string(1, name);
    w.add_message(2, type);
  });
}

/// `type` 1 is float32, 7 int64. `more`: further fields.
inline std::string tensor(const std::string& name, std::initializer_list<std::int64_t> dims, const std::string& raw,
                          const std::string& more = "", std::int32_t type = 1) {
  return message([&](pbf_writer& w) {
           for (const std::int64_t size : dims) w.add_int64(1, size);
           w.add_int32(2, type);
           w.add_string(8, name);
           if (!raw.empty()) w.add_bytes(9, raw);
         }) +
         more;
}

inline std::string float_attribute(const std::string& name, float value) {
  return message([&](pbf_writer& w) {
    w.add_string(1, name);
    w.add_float(2, value);
    w.add_int32(20, 1);  // FLOAT
  });
}
inline std::string int_attribute(const std::string& name, std::int64_t value) {
  return message([&](pbf_writer& w) {
    w.add_string(1, name);
    w.add_int64(3, value);
    w.add_int32(20, 2);  // INT
  });
}

inline std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                        const std::vector<std::string>& attributes = {}) {
  return message([&](pbf_writer& w) {
    for (const std::string& input : inputs) w.add_string(1, input);
    w.add_string(2, output);
    w.add_string(4, op);
    for (const std::string& attribute : attributes) w.add_message(5, attribute);
  });
}

struct Graph {
  std::vector<std::string> nodes, initializers = {};
  std::int64_t inputs = 2, outputs = 2;  // features of "x" and of "y"
  std::int64_t opset = 17;
};

/// `more`: further fields.
inline std::string model(const Graph& graph, const std::string& more = "") {
  const std::string opset = message([&](pbf_writer& w) { w.add_int64(2, graph.opset); });
  const std::string bytes = message([&](pbf_writer& w) {
    for (const std::string& part : graph.nodes) w.add_message(1, part);
    for (const std::string& part : graph.initializers) w.add_message(5, part);
    w.add_message(11, value_info("x", graph.inputs));
    w.add_message(12, value_info("y", graph.outputs));
  });
  return message([&](pbf_writer& w) {
           w.add_int64(1, 8);
           w.add_message(8, opset);
           w.add_message(7, bytes);
         }) +
         more;
}

}  // namespace lamina::test::onnx
