// A build without ONNX Runtime -> no contender.
// SPDX-License-Identifier: Apache-2.0
#include "contender.hpp"

namespace lamina::bench {

Contender make_onnxruntime() { return {}; }

}  // namespace lamina::bench
