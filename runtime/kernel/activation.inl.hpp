// Unary -> its vector function -> a table of array functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/erf.inl.hpp"
#include "kernel/kernels.hpp"
#include "kernel/log.inl.hpp"
#include "kernel/map.inl.hpp"
#include "kernel/piecewise.inl.hpp"
#include "kernel/sigmoid.inl.hpp"

namespace lamina::kernel {
namespace {

/// How many of p[] a function reads.
constexpr std::size_t parameter_count(Unary unary) {
  switch (unary) {
    case Unary::keras_relu:
      return 3;
    case Unary::clamp:
    case Unary::selu:
    case Unary::softplus:
    case Unary::hard_sigmoid_linear:
    case Unary::threshold:
      return 2;
    case Unary::leaky_relu:
    case Unary::elu:
    case Unary::celu:
    case Unary::hardshrink:
    case Unary::softshrink:
    case Unary::squareplus:
      return 1;
    default:
      return 0;
  }
}

template <class A>
struct Parameters {
  Vec<A> p0, p1, p2;
};
template <class A, Unary U>
LAMINA_INLINE Parameters<A> load_parameters(const float* p) {
  constexpr std::size_t kCount = parameter_count(U);
  Parameters<A> v{set<A>(0.0f), set<A>(0.0f), set<A>(0.0f)};
  if constexpr (kCount > 0) v.p0 = set<A>(p[0]);
  if constexpr (kCount > 1) v.p1 = set<A>(p[1]);
  if constexpr (kCount > 2) v.p2 = set<A>(p[2]);
  return v;
}

template <class A, Unary U>
LAMINA_INLINE Vec<A> piecewise_v(Vec<A> x, const Parameters<A>& p) {
  // clang-format off
  if constexpr (U == Unary::identity) return x;
  else if constexpr (U == Unary::relu) return relu_v<A>(x);
  else if constexpr (U == Unary::clamp) return clamp_v<A>(x, p.p0, p.p1);
  else if constexpr (U == Unary::leaky_relu) return leaky_relu_v<A>(x, p.p0);
  else if constexpr (U == Unary::keras_relu) return keras_relu_v<A>(x, p.p0, p.p1, p.p2);
  else if constexpr (U == Unary::elu) return elu_v<A>(x, p.p0);
  else if constexpr (U == Unary::celu) return celu_v<A>(x, p.p0);
  else if constexpr (U == Unary::selu) return selu_v<A>(x, p.p0, p.p1);
  else if constexpr (U == Unary::softsign) return softsign_v<A>(x);
  else if constexpr (U == Unary::hardsigmoid) return hardsigmoid_v<A>(x);
  else if constexpr (U == Unary::hard_sigmoid_linear) return hard_sigmoid_linear_v<A>(x, p.p0, p.p1);
  else if constexpr (U == Unary::hardswish) return hardswish_v<A>(x);
  else if constexpr (U == Unary::hardshrink) return hardshrink_v<A>(x, p.p0);
  else if constexpr (U == Unary::softshrink) return softshrink_v<A>(x, p.p0);
  else if constexpr (U == Unary::threshold) return threshold_v<A>(x, p.p0, p.p1);
  else if constexpr (U == Unary::squareplus) return squareplus_v<A>(x, p.p0);
  else if constexpr (U == Unary::sparse_plus) return sparse_plus_v<A>(x);
  else if constexpr (U == Unary::sparse_sigmoid) return sparse_sigmoid_v<A>(x);
  // clang-format on
}

constexpr bool is_transcendental(Unary u) {
  return u == Unary::gelu || u == Unary::gelu_tanh || u == Unary::sigmoid || u == Unary::tanh || u == Unary::silu ||
         u == Unary::mish || u == Unary::softplus || u == Unary::log_sigmoid || u == Unary::tanhshrink ||
         u == Unary::exp || u == Unary::erf || u == Unary::expm1 || u == Unary::log1p || u == Unary::log;
}

template <class A, Unary U>
LAMINA_INLINE Vec<A> transcendental_v(Vec<A> x, const Parameters<A>& p) {
  // clang-format off
  if constexpr (U == Unary::gelu) return gelu_v<A>(x);
  else if constexpr (U == Unary::gelu_tanh) return gelu_tanh_v<A>(x);
  else if constexpr (U == Unary::sigmoid) return sigmoid_v<A>(x);
  else if constexpr (U == Unary::tanh) return tanh_v<A>(x);
  else if constexpr (U == Unary::silu) return silu_v<A>(x);
  else if constexpr (U == Unary::mish) return mish_v<A>(x);
  else if constexpr (U == Unary::softplus) return softplus_v<A>(x, p.p0, p.p1);
  else if constexpr (U == Unary::log_sigmoid) return log_sigmoid_v<A>(x);
  else if constexpr (U == Unary::tanhshrink) return tanhshrink_v<A>(x);
  else if constexpr (U == Unary::exp) return exp_v<A>(x);
  else if constexpr (U == Unary::erf) return erf_v<A>(x);
  else if constexpr (U == Unary::expm1) return expm1_v<A>(x);
  else if constexpr (U == Unary::log1p) return log1p_v<A>(x);
  else if constexpr (U == Unary::log) return log_v<A>(x);
  // clang-format on
}

template <class A, Unary U>
void unary(const float* x, float* y, std::size_t n, const float* p) noexcept {
  if constexpr (U == Unary::identity) {
    if (x == y) return;
  }
  const Parameters<A> parameters = load_parameters<A, U>(p);
  map<A>(
      x, y, n, [&](Vec<A> v) __attribute__((always_inline)) {
        if constexpr (is_transcendental(U)) {
          return transcendental_v<A, U>(v, parameters);
        } else {
          return piecewise_v<A, U>(v, parameters);
        }
      });
}

template <class A, int... I>
constexpr void fill_unary(UnaryFn (&table)[kUnaryCount], Ints<I...>) {
  ((table[I] = &unary<A, static_cast<Unary>(I)>), ...);
}
template <class A>
constexpr void fill_unary(UnaryFn (&table)[kUnaryCount]) {
  fill_unary<A>(table, MakeInts<static_cast<int>(kUnaryCount)>{});
}

}  // namespace
}  // namespace lamina::kernel
