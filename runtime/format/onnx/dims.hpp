// The dimensions of a node's inputs -> those of its output, where lamina knows the operator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/graph.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lamina::format::onnx {

/// What infer_dims asks about a node's inputs. In dimensions, kBatchSize is the batch and -1 a size not known.
struct InputFacts {
  std::function<std::optional<Shape>(ValueId)> dims;                        // nullopt: not even the rank
  std::function<std::optional<std::vector<std::int64_t>>(ValueId)> values;  // of a constant of integers
};

/// For the computation of shapes alone: what is wrong with a node is said when it is converted.
[[nodiscard]] std::optional<Shape> infer_dims(const Node& node, const InputFacts& facts);

}  // namespace lamina::format::onnx
