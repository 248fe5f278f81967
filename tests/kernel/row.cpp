// affine, PReLU, GLU, LayerNorm, unit norm -> compared with double and with themselves.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernels.hpp"
#include "support/catch.hpp"
#include "support/float_bits.hpp"
#include "support/kernel_input.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace {

using namespace lamina;
using kernel::KernelTable;
using kernel::RowArgs;
using test::normal_values;
using test::same_bits;
using test::tables;

constexpr float kGuard = -12345.0f;
constexpr std::size_t kRows = 4;
const std::vector<std::size_t> kWidths = {1, 2, 5, 8, 9, 15, 16, 17, 31, 33, 64, 100};

/// An operation bound to its parameters: runs on any rows of the width it was made for.
using Operation = std::function<void(const KernelTable&, const RowArgs&)>;
/// One row in double.
using Exact = std::function<std::vector<double>(const float* x, std::size_t n)>;

/// Results of kRows rows, out of place with slack; checks in place, one row alone, guards, and the fma sets' bits.
std::vector<float> run_everywhere(const KernelTable& table, const Operation& run, const std::vector<float>& x,
                                  std::size_t n) {
  const std::size_t ld = n + 3;
  std::vector<float> y(kRows * ld + 1, kGuard), in_place = x;
  run(table, {x.data(), ld, y.data() + 1, ld, kRows, n});
  run(table, {in_place.data(), ld, in_place.data(), ld, kRows, n});
  std::vector<float> dense;
  for (std::size_t r = 0; r < kRows; ++r) {
    std::vector<float> alone(n);
    run(table, {x.data() + r * ld, n, alone.data(), n, 1, n});
    const float* row = y.data() + 1 + r * ld;
    CHECK(std::equal(alone.begin(), alone.end(), row, same_bits));
    CHECK(std::equal(alone.begin(), alone.end(), in_place.data() + r * ld, same_bits));
    CHECK(std::all_of(row + n, row + ld, [](float v) { return v == kGuard; }));
    dense.insert(dense.end(), alone.begin(), alone.end());
  }
  CHECK(y[0] == kGuard);
  return dense;
}

void check_operation(const Operation& run, const Exact& exact, std::size_t n, double tolerance, float mean = 0.0f) {
  const std::size_t ld = n + 3;
  const std::vector<float> x = normal_values(kRows * ld, static_cast<unsigned>(n), mean);
  std::vector<float> first_with_fma;
  for (const KernelTable* table : tables()) {
    INFO(table->name << " n " << n);
    const std::vector<float> y = run_everywhere(*table, run, x, n);
    double worst = 0;
    for (std::size_t r = 0; r < kRows; ++r) {
      const std::vector<double> want = exact(x.data() + r * ld, n);
      for (std::size_t j = 0; j < n; ++j) {
        worst = std::max(worst, std::fabs(y[r * n + j] - want[j]) / (1 + std::fabs(want[j])));
      }
    }
    CHECK(worst <= tolerance);
    if (table->isa == kernel::Isa::sse4) continue;
    if (first_with_fma.empty()) first_with_fma = y;
    CHECK(std::equal(y.begin(), y.end(), first_with_fma.begin(), same_bits));
  }
}

TEST_CASE("affine subtracts, scales and adds, each part rounded as written", "[row]") {
  for (std::size_t n : kWidths) {
    const std::vector<float> shift = normal_values(n, 1), scale = normal_values(n, 2), offset = normal_values(n, 3);
    for (int parts = 0; parts < 8; ++parts) {
      for (bool divide : {false, true}) {
        const float* s = (parts & 1) != 0 ? shift.data() : nullptr;
        const float* c = (parts & 2) != 0 ? scale.data() : nullptr;
        const float* o = (parts & 4) != 0 ? offset.data() : nullptr;
        const Operation run = [&](const KernelTable& t, const RowArgs& a) { t.affine({a, s, c, o, divide}); };
        const Exact exact = [&](const float* x, std::size_t) {
          std::vector<double> y;
          for (std::size_t j = 0; j < n; ++j) {
            float v = x[j];
            if (s != nullptr) v = v - s[j];
            if (c != nullptr) v = divide ? v / c[j] : v * c[j];
            if (o != nullptr) v = v + o[j];
            y.push_back(v);
          }
          return y;
        };
        check_operation(run, exact, n, 0);  // the same float operations: no tolerance
      }
    }
  }
}

TEST_CASE("PReLU has one slope per column", "[row]") {
  for (std::size_t n : kWidths) {
    const std::vector<float> alpha = normal_values(n, 4);
    const Operation run = [&](const KernelTable& t, const RowArgs& a) { t.prelu(a, alpha.data()); };
    const Exact exact = [&](const float* x, std::size_t) {
      std::vector<double> y;
      for (std::size_t j = 0; j < n; ++j) y.push_back(x[j] > 0 ? x[j] : static_cast<double>(alpha[j]) * x[j]);
      return y;
    };
    check_operation(run, exact, n, 0x1p-23);
  }
}

TEST_CASE("LayerNorm agrees with double, with and without weight and bias, also far from zero", "[row]") {
  for (std::size_t n : kWidths) {
    const std::vector<float> weight = normal_values(n, 5), bias = normal_values(n, 6);
    for (int parts = 0; parts < 4; ++parts) {
      for (float mean : {0.0f, 30.0f}) {
        const float* w = (parts & 1) != 0 ? weight.data() : nullptr;
        const float* b = (parts & 2) != 0 ? bias.data() : nullptr;
        const Operation run = [&](const KernelTable& t, const RowArgs& a) { t.layer_norm({a, w, b, 1e-3f}); };
        const Exact exact = [&](const float* x, std::size_t) {
          double average = 0, variance = 0;
          for (std::size_t j = 0; j < n; ++j) average += x[j] / static_cast<double>(n);
          for (std::size_t j = 0; j < n; ++j) variance += (x[j] - average) * (x[j] - average) / static_cast<double>(n);
          std::vector<double> y;
          for (std::size_t j = 0; j < n; ++j) {
            const double v = (x[j] - average) / std::sqrt(variance + 1e-3f);
            y.push_back(v * (w != nullptr ? w[j] : 1) + (b != nullptr ? b[j] : 0));
          }
          return y;
        };
        // The mean is off by a rounding or two of 30, seen through 1 / sigma (up to 30 for rows that vary little)
        // and the weight.
        check_operation(run, exact, n, n == 2 ? 2e-4 : 2e-5, mean);
      }
    }
  }
}

TEST_CASE("unit norm gives rows of length one and leaves zeros", "[row]") {
  for (std::size_t n : kWidths) {
    const Operation run = [](const KernelTable& t, const RowArgs& a) { t.unit_norm(a); };
    const Exact exact = [](const float* x, std::size_t width) {
      double squares = 0;
      for (std::size_t j = 0; j < width; ++j) squares += static_cast<double>(x[j]) * x[j];
      std::vector<double> y;
      for (std::size_t j = 0; j < width; ++j) y.push_back(x[j] / std::sqrt(std::max(squares, 1e-12)));
      return y;
    };
    check_operation(run, exact, n, 1e-6);
    for (const KernelTable* table : tables()) {
      std::vector<float> x(n, 0.0f), y(n, kGuard);
      table->unit_norm({x.data(), n, y.data(), n, 1, n});
      CHECK(y == x);
    }
  }
}

TEST_CASE("GLU is a sigmoid(b), in place of a too", "[row]") {
  for (const KernelTable* table : tables()) {
    for (std::size_t n : kWidths) {
      const std::vector<float> a = normal_values(n, 8), b = normal_values(n, 9);
      std::vector<float> y(n + 1, kGuard), in_place = a;
      table->glu(a.data(), b.data(), y.data(), n);
      table->glu(in_place.data(), b.data(), in_place.data(), n);
      CHECK(y[n] == kGuard);
      CHECK(std::equal(in_place.begin(), in_place.end(), y.begin(), same_bits));
      for (std::size_t j = 0; j < n; ++j) {
        const double want = a[j] / (1 + std::exp(-static_cast<double>(b[j])));
        CHECK(std::fabs(y[j] - want) <= 3 * 0x1p-23 * std::fabs(want));
      }
    }
  }
}

TEST_CASE("NaN reaches every output it should and no other row", "[row]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const KernelTable* table : tables()) {
    const std::vector<float> x = {1, nan, 2, 3, 4, 5};
    std::vector<float> y(6);
    table->layer_norm({{x.data(), 3, y.data(), 3, 2, 3}, nullptr, nullptr, 1e-5f});
    for (std::size_t j = 0; j < 6; ++j) CHECK(std::isnan(y[j]) == (j < 3));
    table->unit_norm({x.data(), 3, y.data(), 3, 2, 3});
    for (std::size_t j = 0; j < 6; ++j) CHECK(std::isnan(y[j]) == (j < 3));
    const std::vector<float> alpha(3, 0.25f);
    table->prelu({x.data(), 3, y.data(), 3, 2, 3}, alpha.data());
    for (std::size_t j = 0; j < 6; ++j) CHECK(std::isnan(y[j]) == (j == 1));
    table->glu(x.data(), x.data(), y.data(), 6);
    for (std::size_t j = 0; j < 6; ++j) CHECK(std::isnan(y[j]) == (j == 1));
  }
}

}  // namespace
