// The graph's outputs -> the one value that the network computes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/values.hpp"

#include <string>
#include <vector>

namespace lamina::format::onnx {

struct Output {
  std::string name;  // as the graph calls it
  ValueId value = kNone;
  std::vector<std::string> notes;  // what was left aside
};

/// The output called `wanted`, or, where that is empty, the only one there is: what merely repeats an input does not
/// count, and the label and the map of a scikit-learn classifier count as the probabilities that they are made of.
/// Throws Error{malformed}, Error{invalid_argument} for a name that is none, Error{unsupported_feature} for several.
[[nodiscard]] Output choose_output(const ModelProto& model, const Graph& graph, Values& values,
                                   const std::string& wanted);

}  // namespace lamina::format::onnx
