// safetensors <-> named tensors and the architecture text in its metadata.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

#include <filesystem>

namespace lamina::format {

[[nodiscard]] bool recognises_safetensors(const base::ByteSource& source);
[[nodiscard]] Contents read_safetensors(const base::ByteSource& source, const LoadOptions& options);

/// Architecture in __metadata__["lamina.architecture"], weights as F32, then the golden vectors.
/// Throws Error{io, missing_weight}.
void write_safetensors(const model::Network& network, const std::filesystem::path& path);

}  // namespace lamina::format
