// Rows or an inner axis of logits -> softmax, log_softmax, softmin.
// SPDX-License-Identifier: Apache-2.0
//
// m = max, e = e^(x - m), s = sum of e over 16 virtual lanes (rows) or in order (axis), y = e * (1 / s): one division
// per row, a rounding more per element. A NaN or +inf anywhere, or -inf alone, makes s NaN and with it all of y;
// -inf among finite values gives exactly 0. So the maximum itself need not keep NaN.
#pragma once

#include "kernel/kernels.hpp"
#include "kernel/log.inl.hpp"
#include "kernel/map.inl.hpp"
#include "kernel/softmax_narrow.inl.hpp"
#include "kernel/sparsemax.inl.hpp"
#include "kernel/wide.inl.hpp"

namespace lamina::kernel {
namespace {

/// 16 logits of a row; lanes beyond count are -inf, which add nothing to any of the reductions.
template <class A, Logits L>
LAMINA_INLINE Wide<A> load_logits(const float* x, std::size_t count) {
  Wide<A> w = wide_load<A>(x, count, L == Logits::negated ? kInfinity : -kInfinity);
#pragma GCC unroll 4
  for (Vec<A>& part : w.part) part = logits<A, L>(part);
  return w;
}
template <class A>
LAMINA_INLINE Wide<A> wide_larger(Wide<A> a, const Wide<A>& b) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) a.part[i] = max_nan<A>(a.part[i], b.part[i]);
  return a;
}
template <class A>
LAMINA_INLINE Wide<A> wide_add(Wide<A> a, const Wide<A>& b) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) a.part[i] = a.part[i] + b.part[i];
  return a;
}
/// e^(x - shift) of `count` logits, the rest 0: such lanes compute e^0 first, because a result that underflows takes
/// AVX2 40 cycles on Zen 4.
template <class A, Logits L>
LAMINA_INLINE Wide<A> load_exp(const float* x, std::size_t count, Vec<A> shift, float padding) {
  Wide<A> w = wide_load<A>(x, count, padding);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Wide<A>::kParts; ++i) {
    const std::size_t begin = i * kLanes<A>;
    w.part[i] = exp_nonpositive<A>(logits<A, L>(w.part[i]) - shift);
    if (count < begin + kLanes<A>) {
      w.part[i] = as_float<A>(as_int<A>(w.part[i]) & first_lanes<A>(count > begin ? count - begin : 0));
    }
  }
  return w;
}

/// body(i, count) for each group of 16 of n.
template <class Body>
LAMINA_INLINE void for_each_group(std::size_t n, const Body& body) {
  std::size_t i = 0;
  for (; i + kVirtualLanes <= n; i += kVirtualLanes) body(i, kVirtualLanes);
  if (i < n) body(i, n - i);
}

template <class A, Logits L>
LAMINA_INLINE float row_max(const float* x, std::size_t n) {
  Wide<A> even = wide_set<A>(-kInfinity), odd = even;
  std::size_t i = 0;
  for (; i + 2 * kVirtualLanes <= n; i += 2 * kVirtualLanes) {
    even = wide_larger<A>(even, load_logits<A, L>(x + i, kVirtualLanes));
    odd = wide_larger<A>(odd, load_logits<A, L>(x + i + kVirtualLanes, kVirtualLanes));
  }
  for_each_group(
      n - i, [&](std::size_t j, std::size_t count)
                 __attribute__((always_inline)) { even = wide_larger<A>(even, load_logits<A, L>(x + i + j, count)); });
  return wide_max<A>(wide_larger<A>(even, odd));
}

template <class A, Logits L>
LAMINA_INLINE void softmax_wide_row(const float* x, float* y, std::size_t n) {
  const float largest = row_max<A, L>(x, n), padding = L == Logits::negated ? -largest : largest;
  const Vec<A> shift = set<A>(largest);
  Wide<A> sum = wide_set<A>(0.0f);
  for_each_group(
      n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
        const Wide<A> e = load_exp<A, L>(x + i, count, shift, padding);
        wide_store<A>(y + i, e, count);
        sum = wide_add<A>(sum, e);
      });
  const Vec<A> inverse = set<A>(1.0f / wide_sum<A>(sum));
  map<A>(
      y, y, n, [&](Vec<A> e) __attribute__((always_inline)) { return e * inverse; });
}

template <class A, Logits L>
LAMINA_INLINE void softmax_each_row(const RowArgs& a) {
  if (a.n == 0) return;
  if (a.n <= kVirtualLanes) {
    softmax_narrow_rows<A, L>(a);
  } else {
    for (std::size_t r = 0; r < a.rows; ++r) softmax_wide_row<A, L>(a.x + r * a.ldx, a.y + r * a.ldy, a.n);
  }
}

template <class A>
void softmax_rows(const RowArgs& a) noexcept {
  softmax_each_row<A, Logits::as_they_are>(a);
}
template <class A>
void softmin_rows(const RowArgs& a) noexcept {
  softmax_each_row<A, Logits::negated>(a);
}

/// (x - m) - log(s).
template <class A>
void log_softmax_rows(const RowArgs& a) noexcept {
  for (std::size_t r = 0; r < a.rows; ++r) {
    const float* x = a.x + r * a.ldx;
    const float largest = row_max<A, Logits::as_they_are>(x, a.n);
    const Vec<A> shift = set<A>(largest);
    Wide<A> sum = wide_set<A>(0.0f);
    for_each_group(
        a.n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          sum = wide_add<A>(sum, load_exp<A, Logits::as_they_are>(x + i, count, shift, largest));
        });
    const Vec<A> log_sum = log_v<A>(set<A>(wide_sum<A>(sum)));
    map<A>(
        x, a.y + r * a.ldy, a.n, [&](Vec<A> v) __attribute__((always_inline)) { return (v - shift) - log_sum; });
  }
}

/// One vector of columns through all of `axis`; y holds e between the passes, so there is no scratch.
template <class A, Logits L, bool Log>
LAMINA_INLINE void softmax_columns(const float* x, float* y, std::size_t axis, std::size_t stride, std::size_t count) {
  const auto at = [&](std::size_t k) __attribute__((always_inline)) {
    return logits<A, L>(load_some<A>(x + k * stride, count));
  };
  Vec<A> shift = at(0);
  for (std::size_t k = 1; k < axis; ++k) shift = max_nan<A>(shift, at(k));
  Vec<A> sum = set<A>(0.0f);
  for (std::size_t k = 0; k < axis; ++k) {
    const Vec<A> e = exp_nonpositive<A>(at(k) - shift);
    sum = sum + e;
    if constexpr (!Log) store_some<A>(y + k * stride, e, count);
  }
  if constexpr (Log) {
    const Vec<A> log_sum = log_v<A>(sum);
    for (std::size_t k = 0; k < axis; ++k) store_some<A>(y + k * stride, (at(k) - shift) - log_sum, count);
  } else {
    const Vec<A> inverse = divide<A>(set<A>(1.0f), sum);
    for (std::size_t k = 0; k < axis; ++k) {
      store_some<A>(y + k * stride, load_some<A>(y + k * stride, count) * inverse, count);
    }
  }
}

template <class A, Logits L, bool Log>
LAMINA_INLINE void softmax_each_axis(const AxisArgs& a) {
  if (a.axis == 0) return;
  for (std::size_t o = 0; o < a.outer; ++o) {
    const std::size_t base = o * a.axis * a.inner;
    for_each_vector<A>(
        a.inner, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          softmax_columns<A, L, Log>(a.x + base + i, a.y + base + i, a.axis, a.inner, count);
        });
  }
}

template <class A>
void softmax_axis(const AxisArgs& a) noexcept {
  softmax_each_axis<A, Logits::as_they_are, false>(a);
}
template <class A>
void softmin_axis(const AxisArgs& a) noexcept {
  softmax_each_axis<A, Logits::negated, false>(a);
}
template <class A>
void log_softmax_axis(const AxisArgs& a) noexcept {
  softmax_each_axis<A, Logits::as_they_are, true>(a);
}

}  // namespace
}  // namespace lamina::kernel
