// softmax, log_softmax, softmin, sparsemax over rows and axes -> compared with double and with themselves.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernels.hpp"
#include "support/catch.hpp"
#include "support/float_bits.hpp"
#include "support/kernel_input.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace lamina;
using kernel::KernelTable;
using test::normal_values;
using test::same_bits;
using test::tables;

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kGuard = -12345.0f;

// Oracles: one row in double.
std::vector<double> exact_softmax(const std::vector<float>& x, double sign) {
  const double shift =
      sign * (sign > 0 ? *std::max_element(x.begin(), x.end()) : *std::min_element(x.begin(), x.end()));
  std::vector<double> e;
  double sum = 0;
  for (float v : x) sum += e.emplace_back(std::exp(sign * v - shift));
  for (double& v : e) v /= sum;
  return e;
}
std::vector<double> exact_log_softmax(const std::vector<float>& x) {
  const double shift = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (float v : x) sum += std::exp(v - shift);
  std::vector<double> y;
  for (float v : x) y.push_back(v - shift - std::log(sum));
  return y;
}
/// By the definition: sort, cumulative sums, support size k.
std::vector<double> exact_sparsemax(const std::vector<float>& x) {
  std::vector<double> z(x.begin(), x.end());
  std::sort(z.begin(), z.end(), std::greater<>{});
  double sum = 0, tau = 0;
  for (std::size_t j = 0; j < z.size(); ++j) {
    sum += z[j];
    const double candidate = (sum - 1) / static_cast<double>(j + 1);
    if (z[j] > candidate) tau = candidate;
  }
  std::vector<double> y;
  for (float v : x) y.push_back(std::max(0.0, v - tau));
  return y;
}

struct Kind {
  const char* name;
  kernel::RowFn KernelTable::*rows;
  kernel::AxisFn KernelTable::*axis;
  std::vector<double> (*exact)(const std::vector<float>&);
};
const std::vector<Kind> kKinds = {
    {"softmax", &KernelTable::softmax, &KernelTable::softmax_axis,
     [](const std::vector<float>& x) { return exact_softmax(x, 1); }},
    {"softmin", &KernelTable::softmin, &KernelTable::softmin_axis,
     [](const std::vector<float>& x) { return exact_softmax(x, -1); }},
    {"log_softmax", &KernelTable::log_softmax, &KernelTable::log_softmax_axis, &exact_log_softmax},
    {"sparsemax", &KernelTable::sparsemax, &KernelTable::sparsemax_axis, &exact_sparsemax},
};

std::vector<float> run_row(const KernelTable& table, const Kind& kind, const std::vector<float>& x) {
  std::vector<float> in(x.size() + 2, kGuard), out(x.size() + 2, kGuard);  // unaligned by one float
  std::copy(x.begin(), x.end(), in.begin() + 1);
  (table.*kind.rows)({in.data() + 1, x.size(), out.data() + 1, x.size(), 1, x.size()});
  CHECK(out.front() == kGuard);
  CHECK(out.back() == kGuard);
  return {out.begin() + 1, out.end() - 1};
}

/// e^(x - m) carries the rounding of x - m (up to |x - m| 2^-24), the sum n / 16 + 4 roundings per lane.
double tolerance(const std::vector<float>& x, double exact) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double roundings = 6 + static_cast<double>(x.size()) / 16 + (static_cast<double>(*high) - *low);
  return roundings * 0x1p-24 * std::max(std::fabs(exact), 0.0) + 0x1p-149;
}

TEST_CASE("rows of every width agree with double", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      for (std::size_t n : {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 48, 63, 100, 257, 1000}) {
        const std::vector<float> x = normal_values(n, static_cast<unsigned>(n), 0.0f, 3.0f);
        const std::vector<double> exact = kind.exact(x);
        const std::vector<float> y = run_row(*table, kind, x);
        INFO(table->name << " " << kind.name << " n " << n);
        const bool is_log = std::string(kind.name) == "log_softmax";
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
          // log_softmax: the error of the sum is absolute, as is the rounding of x - m.
          const double bound = tolerance(x, is_log ? 1.0 + std::fabs(exact[i]) : exact[i]);
          worst = std::max(worst, std::fabs(y[i] - exact[i]) / bound);
        }
        CHECK(worst <= 1);
      }
    }
  }
}

TEST_CASE("probabilities sum to one", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      if (std::string(kind.name) == "log_softmax") continue;
      for (std::size_t n : {1, 10, 16, 17, 1000}) {
        double sum = 0;
        for (float v : run_row(*table, kind, normal_values(n, 7))) sum += v;
        INFO(table->name << " " << kind.name << " n " << n);
        CHECK(std::fabs(sum - 1) < 4e-7);
      }
    }
  }
}

TEST_CASE("NaN or +inf makes the whole row NaN, as does -inf alone", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      const float top = std::string(kind.name) == "softmin" ? -kInf : kInf;  // softmin(x) = softmax(-x)
      for (std::size_t n : {1, 5, 16, 40, 100}) {
        for (std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
          for (float bad : {kNaN, top}) {
            std::vector<float> x = normal_values(n, 3);
            x[at] = bad;
            INFO(table->name << " " << kind.name << " n " << n << " at " << at << " " << bad);
            for (float v : run_row(*table, kind, x)) CHECK(std::isnan(v));
          }
        }
        for (float v : run_row(*table, kind, std::vector<float>(n, -top))) CHECK(std::isnan(v));
      }
    }
  }
}

TEST_CASE("-inf among finite logits is exactly zero probability", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (std::size_t n : {2, 16, 40}) {
      std::vector<float> x = normal_values(n, 5);
      x[1] = -kInf;
      CHECK(run_row(*table, kKinds[0], x)[1] == 0.0f);
      CHECK(run_row(*table, kKinds[2], x)[1] == -kInf);
      std::vector<float> rest = x;
      rest.erase(rest.begin() + 1);
      CHECK(run_row(*table, kKinds[0], x)[0] == Approx(exact_softmax(rest, 1)[0]));
      CHECK(std::isnan(run_row(*table, kKinds[3], x)[0]));  // sparsemax refuses what is not finite
    }
  }
}

TEST_CASE("large logits neither overflow nor lose the tail", "[softmax]") {
  for (const KernelTable* table : tables()) {
    CHECK(run_row(*table, kKinds[0], {3e38f, -3e38f}) == std::vector<float>{1, 0});
    CHECK(run_row(*table, kKinds[1], {3e38f, -3e38f}) == std::vector<float>{0, 1});
    const float tail = run_row(*table, kKinds[0], {0.0f, -100.0f})[1];  // denormal
    CHECK(std::fabs(tail - std::exp(-100.0)) <= 0x1p-149);
    CHECK(run_row(*table, kKinds[2], {0.0f, -1000.0f})[1] == -1000.0f);
  }
}

TEST_CASE("a row's bits do not depend on the other rows, on the stride or on being in place", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      for (std::size_t n : {3, 10, 16, 29, 70}) {
        constexpr std::size_t kRows = 5;
        const std::size_t ld = n + 3;
        std::vector<float> x = normal_values(kRows * ld, static_cast<unsigned>(n));
        x[2 * ld] = kNaN;  // one bad row
        std::vector<float> y(kRows * ld, kGuard), in_place = x;
        (table->*kind.rows)({x.data(), ld, y.data(), ld, kRows, n});
        (table->*kind.rows)({in_place.data(), ld, in_place.data(), ld, kRows, n});
        INFO(table->name << " " << kind.name << " n " << n);
        for (std::size_t r = 0; r < kRows; ++r) {
          const float* row = x.data() + r * ld;
          const std::vector<float> alone = run_row(*table, kind, {row, row + n});
          CHECK(std::equal(alone.begin(), alone.end(), y.data() + r * ld, same_bits));
          CHECK(std::equal(alone.begin(), alone.end(), in_place.data() + r * ld, same_bits));
          CHECK(std::all_of(y.data() + r * ld + n, y.data() + r * ld + ld, [](float v) { return v == kGuard; }));
        }
      }
    }
  }
}

TEST_CASE("dense rows, which may share a vector, have the bits of each row alone", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      for (std::size_t n = 1; n <= 33; n += n < 17 ? 1 : 5) {
        for (std::size_t rows : {1, 2, 3, 7, 8, 9, 17}) {
          std::vector<float> x = normal_values(rows * n, static_cast<unsigned>(n));
          x[rows / 2 * n] = rows % 2 == 0 ? kNaN : -kInf;
          std::vector<float> y(rows * n + 1, kGuard), in_place = x;
          (table->*kind.rows)({x.data(), n, y.data(), n, rows, n});
          (table->*kind.rows)({in_place.data(), n, in_place.data(), n, rows, n});
          INFO(table->name << " " << kind.name << " n " << n << " rows " << rows);
          CHECK(y.back() == kGuard);
          CHECK(std::equal(in_place.begin(), in_place.end(), y.begin(), same_bits));
          std::vector<float> alone;
          for (std::size_t r = 0; r < rows; ++r) {
            const float* row = x.data() + r * n;
            const std::vector<float> one = run_row(*table, kind, {row, row + n});
            alone.insert(alone.end(), one.begin(), one.end());
          }
          CHECK(std::equal(alone.begin(), alone.end(), y.begin(), same_bits));
        }
      }
    }
  }
}

TEST_CASE("over an inner axis each column agrees with double and with itself alone", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      for (std::size_t inner : {1, 3, 8, 16, 21, 40}) {
        constexpr std::size_t kOuter = 2, kAxis = 11;
        const std::vector<float> x = normal_values(kOuter * kAxis * inner, static_cast<unsigned>(inner));
        std::vector<float> y(x.size() + 1, kGuard), in_place = x;
        (table->*kind.axis)({x.data(), y.data(), kOuter, kAxis, inner});
        (table->*kind.axis)({in_place.data(), in_place.data(), kOuter, kAxis, inner});
        INFO(table->name << " " << kind.name << " inner " << inner);
        CHECK(y.back() == kGuard);
        CHECK(std::equal(in_place.begin(), in_place.end(), y.begin(), same_bits));
        for (std::size_t o = 0; o < kOuter; ++o) {
          for (std::size_t i = 0; i < inner; ++i) {
            std::vector<float> column, alone(kAxis), got;
            for (std::size_t k = 0; k < kAxis; ++k) column.push_back(x[(o * kAxis + k) * inner + i]);
            for (std::size_t k = 0; k < kAxis; ++k) got.push_back(y[(o * kAxis + k) * inner + i]);
            (table->*kind.axis)({column.data(), alone.data(), 1, kAxis, 1});
            CHECK(std::equal(alone.begin(), alone.end(), got.begin(), same_bits));
            const std::vector<double> exact = kind.exact(column);
            for (std::size_t k = 0; k < kAxis; ++k)
              CHECK(std::fabs(got[k] - exact[k]) <= 2e-6 * (1 + std::fabs(exact[k])));
          }
        }
      }
    }
  }
}

TEST_CASE("empty shapes touch nothing", "[softmax]") {
  for (const KernelTable* table : tables()) {
    for (const Kind& kind : kKinds) {
      float x = 1, y = kGuard;
      (table->*kind.rows)({&x, 1, &y, 1, 0, 1});
      (table->*kind.axis)({&x, &y, 0, 1, 1});
      (table->*kind.axis)({&x, &y, 1, 0, 1});
      (table->*kind.axis)({&x, &y, 1, 1, 0});
      CHECK(y == kGuard);
    }
  }
}

TEST_CASE("sparsemax puts ties and lone winners where the sorted definition does", "[softmax]") {
  for (const KernelTable* table : tables()) {
    CHECK(run_row(*table, kKinds[3], {5, 1, 0}) == std::vector<float>{1, 0, 0});
    CHECK(run_row(*table, kKinds[3], {2, 2, 2, 2}) == std::vector<float>(4, 0.25f));
    CHECK(run_row(*table, kKinds[3], {1, 0}) == std::vector<float>{1, 0});  // x - tau = 0 exactly
    CHECK(run_row(*table, kKinds[3], {-1e30f, 1e30f}) == std::vector<float>{0, 1});
  }
}

TEST_CASE("instruction sets with fma give the same bits for rows and axes", "[softmax]") {
  const std::vector<float> x = normal_values(1000, 11);
  for (const Kind& kind : kKinds) {
    for (std::size_t n : {1, 4, 10, 16, 25, 100, 1000}) {
      const std::size_t rows = 1000 / n;
      std::vector<std::vector<float>> results;
      for (const KernelTable* table : tables()) {
        if (table->isa == kernel::Isa::sse4) continue;
        std::vector<float> y(2 * x.size());
        (table->*kind.rows)({x.data(), n, y.data(), n, rows, n});
        (table->*kind.axis)({x.data(), y.data() + x.size(), 1, n, rows});
        results.push_back(y);
      }
      INFO(kind.name << " n " << n);
      for (const std::vector<float>& y : results) CHECK(std::equal(y.begin(), y.end(), results[0].begin(), same_bits));
    }
  }
}

}  // namespace
