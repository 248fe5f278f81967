// Elements in another file -> the same, where the caller allows it.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/tensor.hpp"

namespace lamina::format::onnx {

void TensorReader::read_external(const TensorProto&, Constant&) {
  base::fail(Errc::unsafe_content,
             "its elements are in another file, which is not opened: save the model with its weights inside");
}

}  // namespace lamina::format::onnx
