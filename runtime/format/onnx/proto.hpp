// The messages of onnx.proto that lamina uses, as plain structs; weights are left in the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/window.hpp"

#include <lamina/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lamina::format::onnx {

/// Of every tensor and value: what asks for more would be copied from node to node.
inline constexpr std::size_t kMostDimensions = 8;

/// TensorProto.DataType.
enum class DataType : std::uint8_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  bfloat16 = 16,
};
/// "float16"; "element type 17" for those that lamina has no name for.
[[nodiscard]] std::string type_name(DataType type);
[[nodiscard]] bool is_float(DataType type) noexcept;
/// Integers and bool.
[[nodiscard]] bool is_integer(DataType type) noexcept;

/// The head of a TensorProto; tensor.hpp reads its elements.
struct TensorProto {
  std::string name;
  DataType type = DataType::undefined;
  Shape dims;
  Extent message = {};                                             // where its data fields are found again
  std::uint32_t data_field = 0;                                    // number of the one that has elements; 0: none
  std::uint64_t data_bytes = 0;                                    // in all fields of that number
  bool is_external = false;                                        // the elements are in another file
  std::vector<std::pair<std::string, std::string>> external_data;  // location, offset, ...
};

/// Graphs, sparse tensors and types: attributes that no operator of lamina's has. `kind` says what it is.
struct OtherAttribute {
  std::string kind;
};

struct Attribute {
  std::string name;
  std::variant<std::monostate, float, std::int64_t, std::string, TensorProto, std::vector<float>,
               std::vector<std::int64_t>, std::vector<std::string>, OtherAttribute>
      value;
};

struct NodeProto {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;  // "" stands for an optional one that is left out
  std::vector<Attribute> attributes;
};

/// An input or output of the graph. A dimension without a size is -1.
struct ValueInfo {
  std::string name;
  std::string kind = "no type";  // "tensor", "sequence", "map", ...
  DataType type = DataType::undefined;
  std::optional<Shape> shape;  // absent: not even the rank is known
};

struct GraphProto {
  std::vector<NodeProto> nodes;
  std::vector<TensorProto> initializers;
  std::vector<ValueInfo> inputs, outputs;
  std::vector<std::string> sparse_initializers;  // names
};

struct ModelProto {
  std::int64_t ir_version = 0;
  std::string producer;
  std::vector<std::pair<std::string, std::int64_t>> opsets;    // domain, version
  std::vector<std::pair<std::string, std::string>> functions;  // domain, name
  GraphProto graph;
};

}  // namespace lamina::format::onnx
