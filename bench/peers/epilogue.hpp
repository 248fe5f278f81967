// Rows of x W^T -> the layer's answer, for peers that only multiply: bias and activation in one pass.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <cstddef>

namespace lamina::bench {

/// Compiled with -O3 -march=native -ffast-math, so that exp and tanh are libmvec's vector functions (glibc >= 2.35):
/// a peer without activations is not held back by a scalar libm. `bias` may be null.
void finish_rows(Act act, const float* bias, float* y, std::size_t rows, std::size_t out);

}  // namespace lamina::bench
