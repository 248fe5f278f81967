// A function or method that forward() calls on its tensor -> a layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/torch_layers.hpp"

#include <functional>
#include <optional>

namespace lamina::format::architecture {

struct FunctionCall {
  const Value& call;
  std::string name;   // "relu" of F.relu(x), torch.relu(x) and x.relu()
  std::size_t first;  // its first argument after the tensor: 2, or 1 for a method
};

/// Nothing for a function that changes nothing, such as x.contiguous(). `is_batch_size` recognises x.size(0).
[[nodiscard]] std::optional<model::Op> tensor_function(const TorchContext& context, const FunctionCall& function,
                                                       const std::function<bool(const Value&)>& is_batch_size);

}  // namespace lamina::format::architecture
