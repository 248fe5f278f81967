// An operator that lamina does not know -> what to say about it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/proto.hpp"

#include <string>

namespace lamina::format::onnx {

/// "lamina does not know this operator", and a way out where there is one.
[[nodiscard]] std::string describe_unknown(const NodeProto& node);

}  // namespace lamina::format::onnx
