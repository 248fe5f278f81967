// Threats -> the ONNX files that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "hostile/gallery.hpp"
#include "support/onnx_message.hpp"

#include <cstdint>

namespace lamina::test {
namespace {

using onnx::message;
using onnx::model;
using onnx::node;
using onnx::pbf_writer;
using onnx::tensor;

const std::string kAddW = node("Add", {"x", "w"}, "y");

/// Elements that lie in the file of this name.
std::string elsewhere(const std::string& location) {
  const std::string entry = message([&](pbf_writer& w) {
    w.add_string(1, "location");
    w.add_string(2, location);
  });
  const std::string external = message([&](pbf_writer& w) {
    w.add_message(13, entry);
    w.add_int32(14, 1);  // EXTERNAL
  });
  return model({{kAddW}, {tensor("w", {2}, "", external)}});
}

/// An If whose branch is a graph.
std::string subgraph() {
  const std::string branch = message([](pbf_writer& w) { w.add_message(1, node("Relu", {"x"}, "y")); });
  const std::string attribute = message([&](pbf_writer& w) {
    w.add_string(1, "then_branch");
    w.add_message(6, branch);
    w.add_int32(20, 5);  // GRAPH
  });
  return node("If", {"x"}, "y", {attribute});
}

/// `depth` graphs, each in an attribute of a node of the one around it.
std::string nested_graphs(int depth) {
  std::string bytes = node("Relu", {"x"}, "y");
  for (int i = 0; i < depth; ++i) {
    const std::string graph = message([&](pbf_writer& w) { w.add_message(1, bytes); });
    const std::string attribute = message([&](pbf_writer& w) { w.add_message(6, graph); });
    bytes = node("If", {"x"}, "y", {attribute});
  }
  return bytes;
}

}  // namespace

std::vector<Hostile> hostile_onnx_files() {
  const std::string file = "a.onnx";
  const std::string eight(8, '\0');
  const std::string relu = node("Relu", {"x"}, "y");
  using namespace std::string_literals;
  return {
      {"T-01", "dimensions whose product overflows", file,
       model({{kAddW}, {tensor("w", {INT64_MAX, INT64_MAX, 4}, eight)}}), "limit_exceeded", ""},
      {"T-02", "fewer elements than the dimensions say", file, model({{kAddW}, {tensor("w", {2}, "four")}}),
       "malformed", "as the dimensions say"},
      {"T-03", "a terabyte of elements that are not there", file,
       model({{kAddW}, {tensor("w", {1 << 20, 1 << 20}, eight)}}), "malformed", "as the dimensions say"},
      {"T-07", "an operator of another domain", file, model({{node("PyFunc", {"x"}, "y")}}), "unsupported_layer",
       "PyFunc"},
      {"T-13", "elements in a file outside the folder", file, elsewhere("../../etc/passwd"), "unsafe_content", ""},
      {"T-13", "elements in a file by its absolute path", file, elsewhere("/etc/passwd"), "unsafe_content", ""},
      {"T-17", "two nodes that need each other", file,
       model({{node("Relu", {"b"}, "a"), node("Relu", {"a"}, "b"), relu}}), "malformed", "'b'"},
      {"T-17", "a node that needs itself", file, model({{node("Relu", {"y"}, "y")}}), "malformed", "'y'"},
      {"T-17", "an input that nothing makes", file, model({{node("Relu", {"z"}, "y")}}), "malformed", "'z'"},
      {"T-17", "a value that two nodes make", file, model({{relu, relu}}), "malformed", "defined twice"},
      {"T-17", "a branch", file, model({{subgraph()}}), "unsupported_layer", "If"},
      {"T-18", "a group", file, model({{relu}}) + "\x0b\x0c", "malformed", "wire type"},
      {"T-18", "a number of eleven bytes", file, model({{relu}}) + "\x28" + std::string(10, '\xff') + "\1", "malformed",
       ""},
      {"T-18", "a field of number zero", file, model({{relu}}) + "\0\0"s, "malformed", "field number"},
      {"T-18", "a length beyond the file", file, model({{relu}}) + "\x72\xff\xff\xff\xff\x0f", "truncated", ""},
      {"T-18", "graphs within graphs, ten thousand deep", file, model({{nested_graphs(10'000)}}), "unsupported_layer",
       "If"},
      {"T-18", "two graphs", file, model({{relu}}, model({{relu}})), "malformed", ""},
      {"T-19", "a dimension of size zero", file, model({{kAddW}, {tensor("w", {0}, "")}}), "shape_mismatch", ""},
  };
}

}  // namespace lamina::test
