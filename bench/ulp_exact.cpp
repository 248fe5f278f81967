// float32 arrays -> exact values in double, vectorised: the oracle of lamina_ulp.
// SPDX-License-Identifier: Apache-2.0
//
// Compiled with -ffast-math, which is what makes GCC call libmvec, whose double functions are within 4 ulp of
// double: 1e8 times finer than what is measured. Infinities and NaN are judged elsewhere.
#include "ulp_exact.hpp"

#include "support/unary_oracle.hpp"

namespace lamina::bench {

void exact_values(kernel::Unary unary, const float* x, double* y, std::size_t n, const float* p) {
  test::exact_function(unary)(x, y, n, p);
}

}  // namespace lamina::bench
