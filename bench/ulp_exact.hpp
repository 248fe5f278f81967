// float32 arrays -> exact values in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"

#include <cstddef>

namespace lamina::bench {

void exact_values(kernel::Unary unary, const float* x, double* y, std::size_t n, const float* p);

}  // namespace lamina::bench
