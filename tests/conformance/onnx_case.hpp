// One operator test of the ONNX project -> a model whose weights are initializers, its input and the expected output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lamina::test {

/// A TensorProto; numbers only where its type is float or bool.
struct OnnxTensor {
  std::string bytes;  // the message itself
  std::int32_t type = 0;
  std::vector<std::int64_t> dims;
  std::vector<float> values;
};
inline constexpr std::int32_t kOnnxFloat = 1, kOnnxBool = 9;

struct OnnxCase {
  std::string name;
  std::string model;                   // protobuf: inputs after the first are initializers; one output
  std::vector<OnnxTensor> inputs;      // all of them
  OnnxTensor output;                   // the first
  std::vector<std::string> operators;  // of the graph's nodes, in order, each once
  bool takes_tensors = true;           // false: a sequence or an optional
  std::int64_t axis = 1;               // attribute of the first node that has one
  bool has_axis = false;
  bool trains = false;  // a node's training_mode is on, by attribute or input
};

/// `folder` holds model.onnx and test_data_set_0/{input,output}_*.pb.
[[nodiscard]] OnnxCase read_onnx_case(const std::filesystem::path& folder);

}  // namespace lamina::test
