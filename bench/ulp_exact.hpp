// float32 inputs and results -> exact values in double and errors in ulp, vectorised.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"

#include <cstddef>

namespace lamina::bench {

void exact_values(kernel::Unary unary, const float* x, double* exact, std::size_t n, const float* p);

/// |y - exact| in units of the float32 spacing at `exact`, 0 within `absolute`. An infinite y counts as 2^128, which
/// is right where the exact value rounds there. NaN gives anything.
void errors_in_ulp(const float* y, const double* exact, double* error, std::size_t n, double absolute);

}  // namespace lamina::bench
