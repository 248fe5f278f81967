// A pickled torch.nn module -> the layer with its hyper-parameters, without weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/pytorch/attributes.hpp"
#include "model/network.hpp"

#include <string_view>

namespace lamina::format {

/// True for the classes that read_torch_layer() reads, and Sequential, in the module that torch defines them in.
[[nodiscard]] bool is_torch_layer(std::string_view module, std::string_view name) noexcept;

/// Of any such class but Sequential. Throws Error{malformed, unsupported_feature}.
[[nodiscard]] model::Op read_torch_layer(TorchAttributes& attributes);

}  // namespace lamina::format
