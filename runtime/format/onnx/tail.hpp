// What converters of scikit-learn put behind a classifier -> the probabilities before it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/values.hpp"

#include <string>
#include <vector>

namespace lamina::format::onnx {

/// Walks back from an output through ZipMap, ArgMax, the look-up of a label, casts to integers, and the Concat of 1 - p
/// and p that makes two columns of one. Says in `notes` what it passed.
[[nodiscard]] ValueId before_tail(const Graph& graph, Values& values, ValueId output, std::vector<std::string>& notes);

}  // namespace lamina::format::onnx
