// A .keras archive -> Network with weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

namespace lamina::format {

/// A zip archive with the members that Keras writes, by its directory alone; never throws for another one.
[[nodiscard]] bool is_keras_archive(const base::ByteSource& source);

[[nodiscard]] Contents read_keras_archive(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
