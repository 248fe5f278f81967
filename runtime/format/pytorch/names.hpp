// A name in a torch file -> what it may be used for. Anything that is not on this list is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/half.hpp"
#include "format/container/pickle.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

struct StorageType {
  std::string_view name;                // "FloatStorage", in module torch
  std::string_view dtype;               // "float32"
  std::size_t bytes;                    // of one element
  std::optional<base::FloatType> type;  // absent: no weight can have it
};

/// Null for storages that are refused: complex, quantized, untyped.
[[nodiscard]] const StorageType* find_storage_type(std::string_view module, std::string_view name) noexcept;

[[nodiscard]] std::optional<PickleRole> resolve_torch_name(std::string_view module, std::string_view name);
/// Throws Error{unsupported_layer} where all are layers of torch.nn, else Error{unsafe_content}; says what to do.
void refuse_torch_names(std::string_view place, const std::vector<std::string>& unknown);

inline constexpr PickleNames kTorchNames = {resolve_torch_name, refuse_torch_names};

}  // namespace lamina::format
