// A matrix -> its transpose.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/tensor.hpp>

namespace lamina::base {

/// [rows, columns] -> [columns, rows]; the same bits. Throws Error{shape_mismatch} for another rank.
[[nodiscard]] Tensor transposed(const Tensor& matrix);

}  // namespace lamina::base
