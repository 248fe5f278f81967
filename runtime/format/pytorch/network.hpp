// A whole nn.Sequential saved with torch.save(model) -> Network with weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/pytorch/tensor.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

namespace lamina::format {

/// `module` is an instance of a class of torch.nn; one that is no Sequential gives a network of one layer.
/// Throws Error{malformed, limit_exceeded, unsupported_feature, missing_weight, extra_weight, shape_mismatch, dtype}.
[[nodiscard]] model::Network read_torch_network(const PickleGraph& graph, ObjectId module, TorchTensors& tensors,
                                                const Limits& limits);

}  // namespace lamina::format
