// kernel::UnaryFn on every runnable instruction set -> compared with double, with itself, and with the tables of
// special values.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/accuracy.hpp"
#include "kernel/kernels.hpp"
#include "support/catch.hpp"
#include "support/float_bits.hpp"
#include "support/kernel_input.hpp"
#include "support/unary_oracle.hpp"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace lamina;
using kernel::Accuracy;
using kernel::KernelTable;
using kernel::Unary;
using test::same_bits;
using test::tables;

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Every 4001st float32 (a prime: all exponents, changing mantissas), the specials and their neighbours.
std::vector<float> inputs() {
  std::vector<float> x = {0.0f,  -0.0f,     kInf,    -kInf,       kNaN,  1.0f,  -1.0f, 3.0f, -3.0f,
                          0.5f,  -0.5f,     FLT_MAX, -FLT_MAX,    6.0f,  20.0f, -2.5f, 2.5f, 88.722839f,
                          88.8f, -103.972f, -104.0f, -87.336544f, 9.01f, 17.0f, -13.5f};
  const std::vector<float> centers = x;
  for (float c : centers) {
    x.push_back(std::nextafter(c, kInf));
    x.push_back(std::nextafter(c, -kInf));
  }
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 4001) {
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  return x;
}

std::vector<float> apply(const KernelTable& table, const Accuracy& a, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  table.unary[static_cast<std::size_t>(a.unary)](x.data(), y.data(), x.size(), a.p);
  return y;
}

float apply(const KernelTable& table, Unary unary, float x, std::vector<float> p = {}) {
  p.resize(kernel::kUnaryParameters);
  float y = 0;
  table.unary[static_cast<std::size_t>(unary)](&x, &y, 1, p.data());
  return y;
}

struct Worst {
  double ulp = 0;
  float x = 0;
};

Worst worst_error(const KernelTable& table, const Accuracy& a, const std::vector<float>& x) {
  const std::vector<float> y = apply(table, a, x);
  std::vector<double> exact(x.size());
  test::exact_function(a.unary)(x.data(), exact.data(), x.size(), a.p);
  const double absolute = table.isa == kernel::Isa::sse4 ? std::max(a.absolute, a.absolute_no_fma) : a.absolute;
  Worst worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || std::isnan(exact[i])) continue;
    if (std::fabs(y[i] - exact[i]) <= absolute) continue;
    const double error = test::error_in_ulp(y[i], exact[i]);
    if (!(error <= worst.ulp)) worst = {error, x[i]};
  }
  return worst;
}

TEST_CASE("every function is within its promise of the exact value", "[unary]") {
  const std::vector<float> x = inputs();
  for (const KernelTable* table : tables()) {
    for (const Accuracy& a : kernel::kAccuracy) {
      const Worst worst = worst_error(*table, a, x);
      INFO(table->name << " " << kernel::unary_name(a.unary) << " at " << worst.x);
      CHECK(worst.ulp <= a.ulp);
    }
  }
}

TEST_CASE("the table of promises names each function once, in order", "[unary]") {
  std::size_t i = 0;
  for (const Accuracy& a : kernel::kAccuracy) CHECK(static_cast<std::size_t>(a.unary) == i++);
}

TEST_CASE("NaN in, NaN out for every function", "[unary]") {
  for (const KernelTable* table : tables()) {
    for (const Accuracy& a : kernel::kAccuracy) {
      INFO(table->name << " " << kernel::unary_name(a.unary));
      const std::vector<float> y = apply(*table, a, {kNaN, -kNaN, std::bit_cast<float>(0x7f800001u)});
      for (float v : y) CHECK(std::isnan(v));
    }
  }
}

struct Special {
  Unary unary;
  std::vector<float> p;
  float at_infinity, at_minus_infinity, at_zero;
};

TEST_CASE("infinities and zero give what PyTorch gives", "[unary]") {
  const std::vector<Special> specials = {
      {Unary::relu, {}, kInf, 0, 0},
      {Unary::clamp, {0, 6}, 6, 0, 0},
      {Unary::clamp, {-1, 1}, 1, -1, 0},
      {Unary::leaky_relu, {0.01f}, kInf, -kInf, 0},
      {Unary::leaky_relu, {0}, kInf, kNaN, 0},
      {Unary::keras_relu, {kInf, 0, 0}, kInf, 0, 0},
      {Unary::keras_relu, {6, 0.5f, 0}, 6, -kInf, 0},
      {Unary::keras_relu, {kInf, 0.5f, 1}, kInf, -kInf, -0.5f},
      {Unary::keras_relu, {kInf, 0, -2}, kInf, 0, 0},
      {Unary::elu, {1}, kInf, -1, 0},
      {Unary::elu, {0.5f}, kInf, -0.5f, 0},
      {Unary::celu, {2}, kInf, -2, 0},
      {Unary::selu, {1.05070098f, 1.67326324f}, kInf, -1.7580993f, 0},
      {Unary::sigmoid, {}, 1, 0, 0.5f},
      {Unary::tanh, {}, 1, -1, 0},
      {Unary::log_sigmoid, {}, 0, -kInf, -0.6931472f},
      {Unary::softplus, {1, 20}, kInf, 0, 0.6931472f},
      {Unary::silu, {}, kInf, kNaN, 0},
      {Unary::mish, {}, kInf, kNaN, 0},
      {Unary::gelu, {}, kInf, kNaN, 0},
      {Unary::gelu_tanh, {}, kInf, kNaN, 0},
      {Unary::hardswish, {}, kInf, kNaN, 0},
      {Unary::hardsigmoid, {}, 1, 0, 0.5f},
      {Unary::hard_sigmoid_linear, {0.2f, 0.5f}, 1, 0, 0.5f},
      {Unary::softsign, {}, kNaN, kNaN, 0},
      {Unary::tanhshrink, {}, kInf, -kInf, 0},
      {Unary::hardshrink, {0.5f}, kInf, -kInf, 0},
      {Unary::softshrink, {0.5f}, kInf, -kInf, 0},
      {Unary::threshold, {0.5f, -7}, kInf, -7, -7},
      {Unary::exp, {}, kInf, 0, 1},
      {Unary::squareplus, {4}, kInf, 0, 1},
      {Unary::sparse_plus, {}, kInf, 0, 0.25f},
      {Unary::sparse_sigmoid, {}, 1, 0, 0.5f},
      {Unary::erf, {}, 1, -1, 0},
      {Unary::expm1, {}, kInf, -1, 0},
      {Unary::log1p, {}, kInf, kNaN, 0},
      {Unary::log, {}, kInf, kNaN, -kInf},
  };
  const auto agrees = [](float got, float want) {
    return std::isnan(want) ? std::isnan(got) : got == want || std::fabs(got - want) <= 1.2e-7f * std::fabs(want);
  };
  for (const KernelTable* table : tables()) {
    for (const Special& s : specials) {
      INFO(table->name << " " << kernel::unary_name(s.unary) << " p0 " << (s.p.empty() ? 0.0f : s.p[0]));
      CHECK(agrees(apply(*table, s.unary, kInf, s.p), s.at_infinity));
      CHECK(agrees(apply(*table, s.unary, -kInf, s.p), s.at_minus_infinity));
      CHECK(agrees(apply(*table, s.unary, 0.0f, s.p), s.at_zero));
      CHECK(agrees(apply(*table, s.unary, -0.0f, s.p), s.at_zero));
    }
  }
}

TEST_CASE("edges of a domain are as in C", "[unary]") {
  for (const KernelTable* table : tables()) {
    CHECK(apply(*table, Unary::log1p, -1.0f) == -kInf);
    CHECK(std::isnan(apply(*table, Unary::log1p, -1.5f)));
    CHECK(std::isnan(apply(*table, Unary::log, -1e-40f)));
    CHECK(apply(*table, Unary::exp, 88.73f) == kInf);
    CHECK(apply(*table, Unary::exp, -103.9f) == std::numeric_limits<float>::denorm_min());
    CHECK(apply(*table, Unary::exp, -104.0f) == 0.0f);
    CHECK(apply(*table, Unary::threshold, 0.5f, {0.5f, -7}) == -7);  // x > threshold is strict
    CHECK(apply(*table, Unary::hardshrink, 0.5f, {0.5f}) == 0);      // and |x| = lambda is 0
    CHECK(apply(*table, Unary::keras_relu, 1.0f, {kInf, 0.5f, 1}) == 0);
    CHECK(apply(*table, Unary::squareplus, 0.0f, {0.0f}) == 0);
    CHECK(apply(*table, Unary::celu, -0.5f, {-1.0f}) == Approx(-std::expm1(0.5)));  // negative alpha
    CHECK(apply(*table, Unary::softplus, 3.0f, {2.0f, 5.0f}) == 3.0f);              // beta x beyond the threshold
    CHECK(apply(*table, Unary::softplus, 1.0f, {2.0f, 20.0f}) == Approx(std::log1p(std::exp(2.0)) / 2));
  }
}

TEST_CASE("instruction sets with fma give the same bits", "[unary]") {
  const std::vector<float> x = inputs();
  std::vector<const KernelTable*> with_fma;
  for (const KernelTable* table : tables()) {
    if (table->isa != kernel::Isa::sse4) with_fma.push_back(table);
  }
  for (std::size_t t = 1; t < with_fma.size(); ++t) {
    for (const Accuracy& a : kernel::kAccuracy) {
      const std::vector<float> y0 = apply(*with_fma[0], a, x), y1 = apply(*with_fma[t], a, x);
      const auto [i, j] = std::mismatch(y0.begin(), y0.end(), y1.begin(), same_bits);
      INFO(kernel::unary_name(a.unary) << " at "
                                       << (i == y0.end() ? 0.0f : x[static_cast<std::size_t>(i - y0.begin())]));
      CHECK(i == y0.end());
    }
  }
}

/// n values of `x` from `offset` on, at an unaligned place between guards -> the results, guards checked.
std::vector<float> apply_guarded(const KernelTable& table, const Accuracy& a, const std::vector<float>& x,
                                 std::size_t offset, std::size_t n, bool in_place) {
  constexpr float kGuard = -12345.0f;
  std::vector<float> in(n + 2, kGuard), out(n + 2, kGuard);
  std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(offset), n, in.begin() + 1);
  float* y = in_place ? in.data() + 1 : out.data() + 1;
  table.unary[static_cast<std::size_t>(a.unary)](in.data() + 1, y, n, a.p);
  CHECK(y[-1] == kGuard);
  CHECK(y[n] == kGuard);
  return {y, y + n};
}

TEST_CASE("a value does not depend on its position, on the count, on alignment or on being in place", "[unary]") {
  std::vector<float> x = {0.3f, -0.7f, kNaN, -1e-40f, 5.5f, -kInf, 1e30f, -90.0f, 0.0f, kInf, -3.0f};
  while (x.size() < 64) x.push_back(0.37f * static_cast<float>(x.size()) - 9.0f);
  for (const KernelTable* table : tables()) {
    for (const Accuracy& a : kernel::kAccuracy) {
      INFO(table->name << " " << kernel::unary_name(a.unary));
      std::vector<float> alone;
      for (float v : x) alone.push_back(apply(*table, a.unary, v, {a.p[0], a.p[1], a.p[2]}));
      for (std::size_t n = 0; n <= 2 * table->lanes + 3; ++n) {
        const std::size_t offset = n % 7;
        for (bool in_place : {false, true}) {
          const std::vector<float> y = apply_guarded(*table, a, x, offset, n, in_place);
          CHECK(std::equal(y.begin(), y.end(), alone.begin() + static_cast<std::ptrdiff_t>(offset), same_bits));
        }
      }
    }
  }
}

}  // namespace
