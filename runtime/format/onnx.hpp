// An ONNX file -> the network that it describes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

namespace lamina::format {

/// A protobuf message with the fields of a ModelProto, among them a plausible ir_version and a graph.
[[nodiscard]] bool recognises_onnx(const base::ByteSource& source);
/// Graphs that are a chain from one input to one output, with weights as initializers or constants.
/// Throws Error{truncated, malformed, limit_exceeded, unsupported_feature, unsupported_layer, shape_mismatch, dtype,
/// unsafe_content}.
[[nodiscard]] Contents read_onnx(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
