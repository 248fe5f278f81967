// An operator test of the ONNX project -> why lamina does not claim to run it, by rules that know no reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/onnx_case.hpp"

#include <string>

namespace lamina::test {

/// Empty where lamina claims to run it.
[[nodiscard]] std::string out_of_scope(const OnnxCase& test);

}  // namespace lamina::test
