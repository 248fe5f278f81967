// Bytes of a Keras file -> Network with weights, or its tensors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

namespace lamina::format {

/// A zip archive with the members of .keras, or an HDF5 file. Never throws for foreign content.
[[nodiscard]] bool recognises_keras(const base::ByteSource& source);

/// .keras of Keras 3 and of TensorFlow 2.12 to 2.15; .h5 of Keras 1 to 3, with or without its model.
[[nodiscard]] Contents read_keras(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
