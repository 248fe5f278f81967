// A Keras file of weights alone -> tensors by PyTorch's names, which an architecture then takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5.hpp"
#include "format/keras/saved_layers.hpp"
#include "format/tensor_file.hpp"

#include <cstdint>
#include <vector>

namespace lamina::format {

/// Of save_weights("x.h5"), in the order of the layers: "dense/gamma:0" becomes "dense.weight", a kernel is transposed.
/// Arrays that no layer of lamina takes keep their names.
[[nodiscard]] std::vector<NamedTensor> named_weights(const Hdf5& file, const std::vector<SavedLayer>& saved);

/// Of Keras 3's save_weights("x.weights.h5"), which numbers the arrays of a layer: what they are follows from the class
/// that its group is named after. The order of the layers is not in the file. Empty where the file is none of these.
/// Throws Error{limit_exceeded} beyond `most` arrays.
[[nodiscard]] std::vector<NamedTensor> numbered_weights(const Hdf5& file, std::uint64_t most);

}  // namespace lamina::format
