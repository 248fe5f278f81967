// Rows of floats -> rows: affine (BatchNorm), PReLU, GLU, LayerNorm, unit length.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"
#include "kernel/map.inl.hpp"
#include "kernel/piecewise.inl.hpp"
#include "kernel/sigmoid.inl.hpp"
#include "kernel/wide.inl.hpp"

namespace lamina::kernel {
namespace {

/// y[i] = f(x[i], i, count) over one row.
template <class A, class F>
LAMINA_INLINE void map_row(const float* x, float* y, std::size_t n, const F& f) {
  for_each_vector<A>(
      n, [&](std::size_t i, std::size_t count)
             __attribute__((always_inline)) { store_some<A>(y + i, f(load_some<A>(x + i, count), i, count), count); });
}

template <class A>
void affine_rows(const AffineArgs& a) noexcept {
  const RowArgs& rows = a.rows;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    map_row<A>(
        rows.x + r * rows.ldx, rows.y + r * rows.ldy,
        rows.n, [&](Vec<A> v, std::size_t j, std::size_t count) __attribute__((always_inline)) {
          if (a.shift != nullptr) v = v - load_some<A>(a.shift + j, count);
          if (a.scale != nullptr) {
            const Vec<A> scale = load_some<A>(a.scale + j, count);
            v = a.divide ? divide<A>(v, scale) : v * scale;
          }
          if (a.offset != nullptr) v = v + load_some<A>(a.offset + j, count);
          return v;
        });
  }
}

template <class A>
void prelu_rows(const RowArgs& a, const float* alpha) noexcept {
  for (std::size_t r = 0; r < a.rows; ++r) {
    map_row<A>(
        a.x + r * a.ldx, a.y + r * a.ldy,
        a.n, [&](Vec<A> v, std::size_t j, std::size_t count) __attribute__((always_inline)) {
          return leaky_relu_v<A>(v, load_some<A>(alpha + j, count));
        });
  }
}

template <class A>
void glu(const float* a, const float* b, float* y, std::size_t n) noexcept {
  map_row<A>(
      a, y, n, [&](Vec<A> v, std::size_t j, std::size_t count) __attribute__((always_inline)) {
        return v * sigmoid_v<A>(load_some<A>(b + j, count));
      });
}

/// Sum of f(x) over one row in 16 virtual lanes; lanes beyond the row are `padding`, for which f is 0.
template <class A, class F>
LAMINA_INLINE float sum_row(const float* x, std::size_t n, float padding, const F& f) {
  Wide<A> sum = wide_set<A>(0.0f);
  const auto add = [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
    const Wide<A> v = wide_load<A>(x + i, count, padding);
#pragma GCC unroll 4
    for (std::size_t p = 0; p < Wide<A>::kParts; ++p) sum.part[p] = sum.part[p] + f(v.part[p]);
  };
  std::size_t i = 0;
  for (; i + kVirtualLanes <= n; i += kVirtualLanes) add(i, kVirtualLanes);
  if (i < n) add(i, n - i);
  return wide_sum<A>(sum);
}
/// Sum of (x - center)^2.
template <class A>
LAMINA_INLINE float squares_of_row(const float* x, std::size_t n, float center) {
  const Vec<A> c = set<A>(center);
  return sum_row<A>(
      x, n, center, [&](Vec<A> v) __attribute__((always_inline)) {
        const Vec<A> d = v - c;
        return d * d;
      });
}

/// Variance from the centered values (two passes): no cancellation.
template <class A>
void layer_norm_rows(const LayerNormArgs& a) noexcept {
  const RowArgs& rows = a.rows;
  const float n = static_cast<float>(rows.n);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const float* x = rows.x + r * rows.ldx;
    const float mean = sum_row<A>(
                           x, rows.n, 0.0f, [](Vec<A> v) __attribute__((always_inline)) { return v; }) /
                       n;
    const float variance = squares_of_row<A>(x, rows.n, mean) / n;
    const Vec<A> center = set<A>(mean), inverse = divide<A>(set<A>(1.0f), square_root<A>(set<A>(variance + a.eps)));
    map_row<A>(
        x, rows.y + r * rows.ldy,
        rows.n, [&](Vec<A> v, std::size_t j, std::size_t count) __attribute__((always_inline)) {
          v = (v - center) * inverse;
          if (a.weight != nullptr) v = v * load_some<A>(a.weight + j, count);
          if (a.bias != nullptr) v = v + load_some<A>(a.bias + j, count);
          return v;
        });
  }
}

/// x / sqrt(max(sum of squares, 1e-12)) as keras.layers.UnitNormalization: a row of zeros stays zeros.
template <class A>
void unit_norm_rows(const RowArgs& a) noexcept {
  for (std::size_t r = 0; r < a.rows; ++r) {
    const float* x = a.x + r * a.ldx;
    const Vec<A> squares = max_nan<A>(set<A>(1e-12f), set<A>(squares_of_row<A>(x, a.n, 0.0f)));
    const Vec<A> inverse = divide<A>(set<A>(1.0f), square_root<A>(squares));
    map<A>(
        x, a.y + r * a.ldy, a.n, [&](Vec<A> v) __attribute__((always_inline)) { return v * inverse; });
  }
}

}  // namespace
}  // namespace lamina::kernel
