// A chain and a fixed batch -> the bytes of an ONNX model: Gemm and activation nodes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <cstddef>
#include <string>

namespace lamina::bench {

/// Opset 13. Input "x" [rows, in], output "y" [rows, out].
[[nodiscard]] std::string onnx_bytes(const Chain& chain, std::size_t rows);

}  // namespace lamina::bench
