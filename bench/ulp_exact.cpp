// float32 inputs and results -> exact values in double and errors in ulp, vectorised.
// SPDX-License-Identifier: Apache-2.0
//
// Compiled with -ffast-math, which is what makes GCC call libmvec, whose double functions are within 4 ulp of
// double: 1e8 times finer than what is measured. NaN is judged elsewhere.
#include "ulp_exact.hpp"

#include "support/unary_oracle.hpp"

#include <bit>
#include <cstdint>

namespace lamina::bench {
namespace {

/// The float32 spacing at `exact`: the power of two of its exponent field, between those of denormals and FLT_MAX.
double spacing(double exact) {
  const std::uint64_t exponent = std::bit_cast<std::uint64_t>(exact) & 0x7ff0000000000000u;
  return test::clip(std::bit_cast<double>(exponent), 0x1p-126, 0x1p127) * 0x1p-23;
}

}  // namespace

void exact_values(kernel::Unary unary, const float* x, double* exact, std::size_t n, const float* p) {
  test::exact_function(unary)(x, exact, n, p);
}

void errors_in_ulp(const float* y, const double* exact, double* error, std::size_t n, double absolute) {
  constexpr double kEnd = 0x1p128;
  for (std::size_t i = 0; i < n; ++i) {
    const double difference = std::fabs(test::clip(y[i], -kEnd, kEnd) - test::clip(exact[i], -kEnd, kEnd));
    error[i] = difference <= absolute ? 0 : difference / spacing(exact[i]);
  }
}

}  // namespace lamina::bench
