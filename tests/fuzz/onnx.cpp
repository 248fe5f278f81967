// Bytes -> what lamina does with ONNX files.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/load_and_run.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return lamina::fuzz::read_model(data, size); }
