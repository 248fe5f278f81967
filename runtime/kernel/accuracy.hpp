// The promised accuracy of every elementwise function, as data: read by the tests and by lamina_ulp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"

#include <cstddef>

namespace lamina::kernel {

/// |f(x) - exact| <= max(ulp * (distance of float32 neighbours at the exact value), absolute) for every float32 x
/// and the parameters p; denormal results included, an infinite result counted as 2^128.
struct Accuracy {
  Unary unary;
  float p[kUnaryParameters];
  double ulp;
  double absolute;         // A_f, where a function has one
  double absolute_no_fma;  // the same on an instruction set without fma (SSE4.2)
};

inline constexpr Accuracy kAccuracy[] = {
    {Unary::identity, {}, 0, 0, 0},
    {Unary::relu, {}, 0, 0, 0},
    {Unary::clamp, {0.0f, 6.0f}, 0, 0, 0},
    {Unary::leaky_relu, {0.01f}, 0.5, 0, 0},
    {Unary::keras_relu, {6.0f, 0.2f, 1.0f}, 2, 0, 0},
    {Unary::elu, {1.0f}, 2, 0, 0},
    {Unary::celu, {1.0f}, 2, 0, 0},
    {Unary::selu, {1.05070098f, 1.67326324f}, 4, 0, 0},
    {Unary::gelu, {}, 4, 0, 0},
    {Unary::gelu_tanh, {}, 4, 0, 0},
    {Unary::sigmoid, {}, 2, 0, 0},
    {Unary::tanh, {}, 2, 0, 0},
    {Unary::silu, {}, 4, 0, 0},
    // On SSE4.2 4.24 ulp at -0.2332: the products of e^r round apart.
    {Unary::mish, {}, 4, 0, 0x1p-24},
    {Unary::softplus, {1.0f, 20.0f}, 4, 0, 0},
    {Unary::softsign, {}, 2, 0, 0},
    {Unary::log_sigmoid, {}, 4, 0, 0},
    {Unary::hardsigmoid, {}, 2, 0, 0},
    // On SSE4.2 0.2 x + 0.5 rounds twice, and cancels near -2.5.
    {Unary::hard_sigmoid_linear, {0.2f, 0.5f}, 1, 0, 0x1p-25},
    {Unary::hardswish, {}, 2, 0, 0},
    {Unary::hardshrink, {0.5f}, 0, 0, 0},
    {Unary::softshrink, {0.5f}, 0.5, 0, 0},
    {Unary::tanhshrink, {}, 4, 0, 0},
    {Unary::threshold, {0.5f, -1.0f}, 0, 0, 0},
    {Unary::exp, {}, 2, 0, 0},
    {Unary::squareplus, {4.0f}, 4, 0, 0},
    {Unary::sparse_plus, {}, 2, 0, 0},
    {Unary::sparse_sigmoid, {}, 1, 0, 0},
    {Unary::erf, {}, 4, 0, 0},
    {Unary::expm1, {}, 2, 0, 0},
    {Unary::log1p, {}, 2, 0, 0},
    {Unary::log, {}, 2, 0, 0},
};
static_assert(sizeof(kAccuracy) / sizeof(kAccuracy[0]) == kUnaryCount);

}  // namespace lamina::kernel
