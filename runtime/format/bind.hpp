// An architecture without weights + named tensors -> the network with weights, or all that does not fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/tensor_file.hpp"

#include <vector>

namespace lamina::format {

/// By name where the names agree; by `options.map`; by order only where it cannot be wrong: `ordered`, or
/// shapes admit one assignment, or names are one stem with distinct numbers (fc1, fc2; natural order).
/// `num_batches_tracked` is ignored. Tensors are moved from. Throws Error{missing_weight, extra_weight,
/// shape_mismatch} whose problems() list both sides and whose message proposes `--map`.
[[nodiscard]] model::Network bind(model::Network network, std::vector<NamedTensor> tensors, bool ordered,
                                  const LoadOptions& options);

}  // namespace lamina::format
