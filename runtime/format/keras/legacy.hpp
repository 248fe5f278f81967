// A Keras .h5 file: network and weights, or weights alone -> Contents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

namespace lamina::format {

/// Written by model.save("x.h5"), by model.save_weights("x.h5") or by model.save_weights("x.weights.h5"); the latter
/// two give tensors by PyTorch's names ("dense.weight").
[[nodiscard]] Contents read_keras_hdf5(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
