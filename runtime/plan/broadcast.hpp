// A small weight tensor + the row's shape -> one value per float of the row.
// SPDX-License-Identifier: Apache-2.0
//
// Per-channel and per-position parameters are expanded at compile time, so that their kernels walk a row and
// its parameters side by side whatever the dimension.
#pragma once

#include "base/aligned.hpp"

#include <lamina/tensor.hpp>

#include <cstddef>

namespace lamina::plan {

[[nodiscard]] base::AlignedFloats copy_values(const Tensor& tensor);

/// NumPy's broadcast, aligned at the last dimension; `tensor` fits (model::output_shape has checked).
[[nodiscard]] base::AlignedFloats expand_right_aligned(const Tensor& tensor, const Shape& row);

/// tensor[i] for every float whose index along `axis` is i; one element serves all.
[[nodiscard]] base::AlignedFloats expand_channels(const Tensor& tensor, const Shape& row, std::size_t axis);

}  // namespace lamina::plan
