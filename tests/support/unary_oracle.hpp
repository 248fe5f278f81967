// Unary and x in double -> its value in double: the textbook formulas, for tests and for lamina_ulp.
// SPDX-License-Identifier: Apache-2.0
//
// Both sides of a condition are computed, then one is selected: a loop over such a function can be vectorised.
#pragma once

#include "kernel/kernels.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace lamina::test {

using kernel::Unary;

inline double clip(double x, double low, double high) { return x < low ? low : (x > high ? high : x); }
inline double below_zero(double x) { return x > 0 ? 0 : x; }
inline double above_zero(double x) { return x < 0 ? 0 : x; }

/// x - tanh(x): series near 0, where the two cancel.
inline double exact_tanhshrink(double x) {
  const double z = x * x;
  const double series =
      x * z *
      (1.0 / 3 - z * (2.0 / 15 - z * (17.0 / 315 - z * (62.0 / 2835 - z * (1382.0 / 155925 - z * 21844.0 / 6081075)))));
  const double direct = x - std::tanh(x);
  return std::fabs(x) < 0.1 ? series : direct;
}
inline double exact_gelu_tanh(double x) {
  const double u = std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x);
  return x / (1 + std::exp(-2 * u));
}
inline double exact_mish(double x) {
  const double e = std::exp(x > 40 ? 40 : x), w = e * (e + 2);  // tanh(log(1 + e)) = w / (w + 2)
  return x * (w / (w + 2));
}
inline double exact_softplus(double x, double beta, double threshold) {
  const double z = beta * x, y = std::log1p(std::exp(z > 700 ? 700 : z)) / beta;
  return z > threshold ? x : y;
}
inline double exact_keras_relu(double x, double max_value, double slope, double threshold) {
  const double above = std::isinf(max_value) ? x : clip(x, 0, max_value), below = slope * (x - threshold);
  return x > threshold ? above : (slope == 0 ? 0 * above_zero(x) : below);
}
inline double exact_squareplus(double x, double b) {
  const double root = std::sqrt(x * x + b), positive = (x + root) / 2, negative = b / 2 / (root - x);
  return x < 0 ? negative : positive;
}
inline double exact_elu(double x, double alpha) {
  const double y = alpha * std::expm1(below_zero(x));
  return x > 0 ? x : y;
}

template <Unary U>
inline double exact_unary(double x, double p0, double p1, double p2) {
  // clang-format off
  if constexpr (U == Unary::identity) return x;
  if constexpr (U == Unary::relu) return above_zero(x);
  if constexpr (U == Unary::clamp) return clip(x, p0, p1);
  if constexpr (U == Unary::leaky_relu) return x > 0 ? x : p0 * x;
  if constexpr (U == Unary::keras_relu) return exact_keras_relu(x, p0, p1, p2);
  if constexpr (U == Unary::elu) return exact_elu(x, p0);
  if constexpr (U == Unary::celu) return above_zero(x) + below_zero(p0 * std::expm1(x / p0 > 700 ? 700 : x / p0));
  if constexpr (U == Unary::selu) return p0 * exact_elu(x, p1);
  if constexpr (U == Unary::gelu) return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
  if constexpr (U == Unary::gelu_tanh) return exact_gelu_tanh(x);
  if constexpr (U == Unary::sigmoid) return 1 / (1 + std::exp(-x));
  if constexpr (U == Unary::tanh) return std::tanh(x);
  if constexpr (U == Unary::silu) return x / (1 + std::exp(-x));
  if constexpr (U == Unary::mish) return exact_mish(x);
  if constexpr (U == Unary::softplus) return exact_softplus(x, p0, p1);
  if constexpr (U == Unary::softsign) return x / (1 + std::fabs(x));
  if constexpr (U == Unary::log_sigmoid) return below_zero(x) - std::log1p(std::exp(-std::fabs(x)));
  if constexpr (U == Unary::hardsigmoid) return clip(x + 3, 0, 6) / 6;
  if constexpr (U == Unary::hard_sigmoid_linear) return clip(p0 * x + p1, 0, 1);
  if constexpr (U == Unary::hardswish) return x * (clip(x + 3, 0, 6) / 6);
  if constexpr (U == Unary::hardshrink) return std::fabs(x) <= p0 ? 0 : x;
  if constexpr (U == Unary::softshrink) return x > p0 ? x - p0 : (x < -p0 ? x + p0 : 0 * x);
  if constexpr (U == Unary::tanhshrink) return exact_tanhshrink(x);
  if constexpr (U == Unary::threshold) return x <= p0 ? p1 : x;
  if constexpr (U == Unary::exp) return std::exp(x);
  if constexpr (U == Unary::squareplus) return exact_squareplus(x, p0);
  if constexpr (U == Unary::sparse_plus) return x >= 1 ? x : above_zero(x + 1) * above_zero(x + 1) / 4;
  if constexpr (U == Unary::sparse_sigmoid) return clip(0.5 * x + 0.5, 0, 1);
  if constexpr (U == Unary::erf) return std::erf(x);
  if constexpr (U == Unary::expm1) return std::expm1(x);
  if constexpr (U == Unary::log1p) return std::log1p(x);
  if constexpr (U == Unary::log) return std::log(x);
  // clang-format on
}

template <Unary U>
void exact_array(const float* x, double* y, std::size_t n, const float* p) {
  const double p0 = p[0], p1 = p[1], p2 = p[2];
  for (std::size_t i = 0; i < n; ++i) y[i] = exact_unary<U>(x[i], p0, p1, p2);
}

using ExactFn = void (*)(const float* x, double* y, std::size_t n, const float* p);

template <std::size_t... I>
constexpr ExactFn exact_function(Unary unary, std::index_sequence<I...>) {
  constexpr ExactFn kFunctions[] = {&exact_array<static_cast<Unary>(I)>...};
  return kFunctions[static_cast<std::size_t>(unary)];
}
/// The oracle of `unary` over an array.
constexpr ExactFn exact_function(Unary unary) {
  return exact_function(unary, std::make_index_sequence<kernel::kUnaryCount>{});
}

/// Distance between the float32 values around `exact`: 2^(e - 23), never below 2^-149.
inline double float_spacing(double exact) {
  const double magnitude = std::fabs(exact);
  return magnitude < 0x1p-126 ? 0x1p-149 : std::ldexp(1.0, std::ilogb(std::fmin(magnitude, 0x1.ffp127)) - 23);
}

/// |y - exact| in units of float_spacing(exact); an infinite y counts as 2^128.
inline double error_in_ulp(float y, double exact) {
  const double limit = 0x1p128;
  const double got = std::isinf(y) ? std::copysign(limit, y) : y;
  return std::fabs(got - clip(exact, -limit, limit)) / float_spacing(exact);
}

}  // namespace lamina::test
