// kernel::linear_panel and linear_dot on every instruction set -> compared with a scalar double loop.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernels.hpp"
#include "support/catch.hpp"
#include "support/kernel_input.hpp"
#include "support/linear_call.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace lamina;
using test::tables;

struct Problem {
  std::size_t rows, n, k;
  std::vector<float> x, w, b;
};

Problem make_problem(std::size_t rows, std::size_t n, std::size_t k, unsigned seed) {
  Problem p{rows, n, k, {}, {}, {}};
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < rows * k; ++i) p.x.push_back(normal(engine));
  for (std::size_t i = 0; i < n * k; ++i) p.w.push_back(normal(engine));
  for (std::size_t i = 0; i < n; ++i) p.b.push_back(normal(engine));
  return p;
}

plan::PackedLinear pack_problem(const Problem& p, const kernel::KernelTable& table) {
  return test::pack_linear(p.n, p.k, p.w, p.b, table);
}

constexpr float kGuard = -12345.0f;

/// y has 3 floats of slack per row, and x starts unaligned; both must stay untouched beyond their rows.
std::vector<float> run(const Problem& p, const kernel::KernelTable& table,
                       kernel::Unary epilogue = kernel::Unary::identity, std::vector<float> parameters = {0, 0, 0},
                       bool skip_zeros = false) {
  const plan::PackedLinear packed = pack_problem(p, table);
  std::vector<float> x(p.x.size() + 1);
  std::copy(p.x.begin(), p.x.end(), x.begin() + 1);
  const std::size_t ldy = p.n + 3;
  std::vector<float> y(p.rows * ldy + 1, kGuard);
  kernel::LinearArgs a = test::linear_args(packed, x.data() + 1, p.rows, y.data() + 1, ldy);
  a.skip_zeros = skip_zeros;
  a.epilogue = epilogue;
  for (std::size_t i = 0; i < 3; ++i) a.p[i] = parameters[i];
  test::run_linear(packed, table, a);

  std::vector<float> result;
  for (std::size_t r = 0; r < p.rows; ++r) {
    const float* row = y.data() + 1 + r * ldy;
    result.insert(result.end(), row, row + p.n);
    for (std::size_t i = p.n; i < ldy; ++i) REQUIRE(row[i] == kGuard);
  }
  REQUIRE(y[0] == kGuard);
  return result;
}

/// Largest error divided by the promised bound (K + 2) 2^-24 (|b| + sum |x||w|) + K 2^-149.
double worst_ratio(const Problem& p, const std::vector<float>& y) {
  double worst = 0;
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t j = 0; j < p.n; ++j) {
      double sum = p.b[j], magnitude = std::abs(sum);
      for (std::size_t i = 0; i < p.k; ++i) {
        const double term = static_cast<double>(p.x[r * p.k + i]) * p.w[j * p.k + i];
        sum += term;
        magnitude += std::abs(term);
      }
      const auto k = static_cast<double>(p.k);
      const double bound = (k + 2) * 0x1p-24 * magnitude + k * 0x1p-149;
      worst = std::max(worst, std::abs(y[r * p.n + j] - sum) / bound);
    }
  }
  return worst;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::memcmp(&a[i], &b[i], sizeof(float)) != 0) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a Linear is within the promised error at every tile edge") {
  for (const kernel::KernelTable* table : tables()) {
    CAPTURE(table->name);
    for (const std::size_t n :
         {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 127, 128, 129, 200}) {
      for (const std::size_t k : {1, 2, 3, 5, 15, 16, 17, 33, 64, 77}) {
        for (const std::size_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 23, 25}) {
          CAPTURE(n, k, rows);
          const Problem p = make_problem(rows, n, k, static_cast<unsigned>(n * 1000 + k * 10 + rows));
          REQUIRE(worst_ratio(p, run(p, *table)) <= 1.0);
        }
      }
    }
  }
}

TEST_CASE("a Linear is within the promised error for large sizes") {
  for (const kernel::KernelTable* table : tables()) {
    CAPTURE(table->name);
    for (const auto& [rows, n, k] :
         std::vector<std::array<std::size_t, 3>>{{1, 513, 1025}, {7, 1024, 512}, {2, 4, 4096}, {19, 10, 784}}) {
      CAPTURE(rows, n, k);
      const Problem p = make_problem(rows, n, k, 7);
      REQUIRE(worst_ratio(p, run(p, *table)) <= 1.0);
    }
  }
}

TEST_CASE("zero rows write nothing") {
  for (const kernel::KernelTable* table : tables()) {
    Problem p = make_problem(0, 20, 30, 1);
    REQUIRE(run(p, *table).empty());
  }
}

TEST_CASE("a row has the same bits alone and among others") {
  for (const kernel::KernelTable* table : tables()) {
    CAPTURE(table->name);
    for (const std::size_t n : {1, 3, 5, 10, 16, 20, 32, 33, 64, 100, 192, 257}) {
      for (const std::size_t k : {1, 7, 16, 50, 129}) {
        for (const std::size_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 17, 31, 33}) {
          Problem p = make_problem(rows, n, k, 3);
          p.x[0] = std::numeric_limits<float>::infinity();
          if (rows > 1) p.x[k] = std::numeric_limits<float>::quiet_NaN();
          if (rows > 2) p.x[2 * k] = 1e-41f;
          if (rows > 3) p.x[3 * k] = -0.0f;
          const std::vector<float> together = run(p, *table);
          for (std::size_t r = 0; r < rows; ++r) {
            Problem one{
                1,
                n,
                k,
                {p.x.begin() + static_cast<std::ptrdiff_t>(r * k), p.x.begin() + static_cast<std::ptrdiff_t>((r + 1) * k)},
                p.w,
                p.b};
            const std::vector<float> alone = run(one, *table);
            const std::vector<float> part(together.begin() + static_cast<std::ptrdiff_t>(r * n),
                                          together.begin() + static_cast<std::ptrdiff_t>((r + 1) * n));
            CAPTURE(n, k, rows, r);
            REQUIRE(same_bits(alone, part));
          }
        }
      }
    }
  }
}

TEST_CASE("every instruction set with fma gives the same bits") {
  std::vector<const kernel::KernelTable*> fused;
  for (const kernel::KernelTable* table : tables()) {
    if (table->isa != kernel::Isa::sse4) fused.push_back(table);
  }
  for (const std::size_t n : {1, 2, 4, 5, 10, 16, 17, 32, 33, 64, 100, 300}) {
    for (const std::size_t k : {1, 5, 16, 31, 64, 200}) {
      for (const std::size_t rows : {1, 2, 5, 12, 17}) {
        CAPTURE(n, k, rows);
        const Problem p = make_problem(rows, n, k, 11);
        for (const kernel::KernelTable* table : fused) REQUIRE(same_bits(run(p, *fused[0]), run(p, *table)));
      }
    }
  }
}

TEST_CASE("an epilogue has the bits of the function on its own") {
  using kernel::Unary;
  for (const kernel::KernelTable* table : tables()) {
    for (std::size_t u = 0; u < kernel::kUnaryCount; ++u) {
      const std::vector<float> parameters{0.25f, 1.5f, 0.5f};
      for (const std::size_t n : {1, 3, 10, 24, 65, 130}) {
        const Problem p = make_problem(5, n, 9, 5);
        std::vector<float> apart = run(p, *table);
        table->unary[u](apart.data(), apart.data(), apart.size(), parameters.data());
        CAPTURE(table->name, kernel::unary_name(static_cast<Unary>(u)), n);
        REQUIRE(same_bits(run(p, *table, static_cast<Unary>(u), parameters), apart));
      }
    }
  }
}

TEST_CASE("a Linear never gives a negative zero") {
  for (const kernel::KernelTable* table : tables()) {
    for (const std::size_t n : {1, 16, 20, 64}) {
      Problem p = make_problem(3, n, 4, 1);
      std::fill(p.x.begin(), p.x.end(), -0.0f);
      for (float& w : p.w) w = std::abs(w);
      std::fill(p.b.begin(), p.b.end(), -0.0f);
      for (const float y : run(p, *table)) REQUIRE(!std::signbit(y));
    }
  }
}

TEST_CASE("outputs can be computed panel by panel") {
  for (const kernel::KernelTable* table : tables()) {
    const std::size_t n = 3 * table->panel + 5, k = 40;
    const Problem p = make_problem(2, n, k, 9);
    const std::vector<float> whole = run(p, *table);
    const plan::PackedLinear packed = pack_problem(p, *table);
    std::vector<float> parts(2 * n);
    for (std::size_t begin = 0; begin < n; begin += table->panel) {
      kernel::LinearArgs a = test::linear_args(packed, p.x.data(), 2, parts.data(), n);
      a.n_begin = begin;
      a.n_end = std::min(n, begin + table->panel);
      table->linear_panel(a);
    }
    REQUIRE(same_bits(whole, parts));
  }
}

TEST_CASE("skipping exact zeros changes no bit") {
  for (const kernel::KernelTable* table : tables()) {
    for (const std::size_t n : {64, 65, 128, 200, 520}) {
      for (const std::size_t k : {1, 16, 100, 130, 4096}) {
        for (const unsigned every : {1u, 2u, 3u, 10u}) {
          Problem p = make_problem(1, n, k, 13);
          for (std::size_t i = 0; i < k; ++i) {
            if (i % every == 0) p.x[i] = i % 4 == 0 ? -0.0f : 0.0f;
          }
          if (k > 50) p.x[51] = std::numeric_limits<float>::quiet_NaN();
          if (n == 65) std::fill(p.b.begin(), p.b.end(), -0.0f);
          CAPTURE(table->name, n, k, every);
          const std::vector<float> dense = run(p, *table);
          REQUIRE(same_bits(run(p, *table, kernel::Unary::identity, {0, 0, 0}, true), dense));
        }
      }
    }
  }
}
