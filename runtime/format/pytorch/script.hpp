// The attributes of a TorchScript module -> its tensors by name. The program code beside them is not looked at, so
// the network itself must come from an architecture text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/pickle.hpp"
#include "format/pytorch/checkpoint.hpp"
#include "format/pytorch/names.hpp"

#include <lamina/model.hpp>

#include <optional>
#include <string_view>

namespace lamina::format {

/// The names of torch files, and the classes of the program ("__torch__.Net"), which stand for nothing but a place.
[[nodiscard]] std::optional<PickleRole> resolve_script_name(std::string_view module, std::string_view name);

inline constexpr PickleNames kScriptNames = {resolve_script_name, refuse_torch_names};

/// Throws Error{malformed, limit_exceeded, missing_weight}.
[[nodiscard]] TorchCheckpoint find_script_tensors(const PickleGraph& graph, const Limits& limits);

}  // namespace lamina::format
