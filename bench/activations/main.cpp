// Every activation of every library at hand -> ns and elements per cycle with the ulp beside, as Markdown tables.
// SPDX-License-Identifier: Apache-2.0
//
// lamina_bench_activations_ISA [FUNCTION...]: one process, one thread, the libraries in turns, medians. exit 2 where
// the CPU lacks the program's instruction set.
#include "contender.hpp"
#include "kernel/accuracy.hpp"
#include "race.hpp"
#include "ulp_exact.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace lamina;
using namespace lamina::bench;
using kernel::Unary;

constexpr std::size_t kL1 = 2048, kL2 = 32768;  // floats in x, as many in y: 16 and 256 KiB

/// Normal values, as activations are; their magnitudes where a function is of positive numbers only.
std::vector<float> draw(std::size_t n, bool positive) {
  std::mt19937 engine(1);
  std::normal_distribution<float> normal(0.0f, 2.0f);
  std::vector<float> x(n);
  for (float& v : x) v = positive ? std::fabs(normal(engine)) : normal(engine);
  return x;
}

/// Largest error over every 20011th finite float32 (a prime: all exponents), denormal results excepted, because a peer
/// may flush them; `wrong` where a NaN appears or an infinity is due elsewhere.
double largest_ulp(const Elementwise& f, const kernel::Accuracy& a) {
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 20011) {
    const float v = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(v)) x.push_back(v);
  }
  x.resize(x.size() / 64 * 64);
  std::vector<float> y(x.size());
  std::vector<double> exact(x.size()), error(x.size());
  f(x.data(), y.data(), x.size());
  exact_values(a.unary, x.data(), exact.data(), x.size(), a.p);
  errors_in_ulp(y.data(), exact.data(), error.data(), x.size(), 0);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool normal = std::fabs(exact[i]) >= 0x1p-126 && std::fabs(exact[i]) < 0x1p128;
    if (normal) worst = std::max(worst, std::isnan(y[i]) ? HUGE_VAL : error[i]);
  }
  return worst;
}

struct Cell {
  double ns = 0;   // per element or row; 0 where the library has no such function
  double ulp = 0;  // where it was measured
};

void print_head(const std::vector<Contender>& contenders, const char* first, bool accuracy) {
  std::printf("| %s |", first);
  for (const Contender& c : contenders) std::printf(" %s |", c.name.c_str());
  std::printf(" fastest peer / lamina |%s\n|---|", accuracy ? " fastest within 4 ulp / lamina |" : "");
  for (std::size_t i = 0; i < contenders.size() + (accuracy ? 2 : 1); ++i) std::printf("---|");
  std::printf("\n");
}

void print_cell(const Cell& cell, double ghz) {
  if (cell.ns == 0) {
    std::printf(" |");
  } else if (cell.ulp > 1e6) {
    std::printf(" %.3f (%.2f; > 1e6) |", cell.ns, 1 / (cell.ns * ghz));
  } else {
    std::printf(" %.3f (%.2f; %.3g) |", cell.ns, 1 / (cell.ns * ghz), cell.ulp);
  }
}

/// The fastest peer with at most `ulp`, as a multiple of lamina's time, which is the first.
void print_ratio(const std::vector<Cell>& cells, double ulp) {
  double best = HUGE_VAL;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (cells[i].ns > 0 && cells[i].ulp <= ulp) best = std::min(best, cells[i].ns);
  }
  if (std::isfinite(best)) {
    std::printf(" %.2f |", best / cells[0].ns);
  } else {
    std::printf(" |");
  }
}

std::vector<Cell> measure(const std::vector<Contender>& contenders, const kernel::Accuracy& a, std::size_t n) {
  const std::vector<float> x = draw(n, a.unary == Unary::log || a.unary == Unary::log1p);
  std::vector<float> y(n);
  std::vector<std::function<void()>> runs;
  for (const Contender& c : contenders) {
    const Elementwise& f = c[a.unary];
    runs.push_back(f ? std::function<void()>([&f, &x, &y] { f(x.data(), y.data(), x.size()); }) : nullptr);
  }
  const std::vector<double> ns = race(runs, static_cast<double>(n));
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < ns.size(); ++i) {
    cells.push_back({ns[i], ns[i] > 0 ? largest_ulp(contenders[i][a.unary], a) : 0});
  }
  return cells;
}

void print_functions(const std::vector<Contender>& contenders, std::size_t n, double ghz,
                     const std::vector<const kernel::Accuracy*>& functions) {
  std::printf("\n%zu elements: ns per element (elements per cycle; largest ulp)\n\n", n);
  print_head(contenders, "function", true);
  for (const kernel::Accuracy* a : functions) {
    const std::vector<Cell> cells = measure(contenders, *a, n);
    std::printf("| %s |", kernel::unary_name(a->unary));
    for (const Cell& cell : cells) {
      print_cell(cell, ghz);
    }
    print_ratio(cells, HUGE_VAL);
    print_ratio(cells, 4);
    std::printf("\n");
    std::fflush(stdout);
  }
}

void print_softmax(const std::vector<Contender>& contenders) {
  std::printf("\nsoftmax: ns per row, rows that fill 8 KiB\n\n");
  print_head(contenders, "columns", false);
  for (const std::size_t n : {2u, 3u, 10u, 16u, 32u, 100u, 1000u}) {
    const std::size_t rows = kL1 / n;
    const std::vector<float> x = draw(rows * n, false);
    std::vector<float> y(rows * n);
    std::vector<std::function<void()>> runs;
    for (const Contender& c : contenders) {
      const Softmax& f = c.softmax;
      runs.push_back(f ? std::function<void()>([&f, &x, &y, n, rows] { f(x.data(), y.data(), rows, n); }) : nullptr);
    }
    std::vector<Cell> cells;
    for (const double ns : race(runs, static_cast<double>(rows))) cells.push_back({ns});
    std::printf("| %zu |", n);
    for (const Cell& cell : cells) cell.ns > 0 ? std::printf(" %.2f |", cell.ns) : std::printf(" |");
    print_ratio(cells, HUGE_VAL);
    std::printf("\n");
    std::fflush(stdout);
  }
}

/// Those that are named, all where none is; empty where a name is unknown.
std::vector<const kernel::Accuracy*> chosen(const std::vector<std::string>& names) {
  std::vector<const kernel::Accuracy*> functions;
  for (const kernel::Accuracy& a : kernel::kAccuracy) {
    if (names.empty() || std::find(names.begin(), names.end(), kernel::unary_name(a.unary)) != names.end()) {
      functions.push_back(&a);
    }
  }
  return names.empty() || functions.size() == names.size() ? functions : std::vector<const kernel::Accuracy*>{};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  const bool with_softmax = names.empty() || std::erase(names, "softmax") != 0;
  const std::vector<const kernel::Accuracy*> functions = chosen(names);
  const bool only_softmax = names.empty() && argc > 1;
  if (functions.empty()) {
    std::fprintf(stderr, "usage: %s [FUNCTION...]; functions: softmax and those that lamina_ulp lists\n", argv[0]);
    return 2;
  }
  std::vector<Contender> contenders = {make_lamina(), make_eigen(), make_sleef(true), make_sleef(false)};
  if (Contender c = make_onnxruntime(); !c.name.empty()) contenders.push_back(std::move(c));
  const double ghz = measured_ghz();
  std::printf("%s, %.2f GHz, one thread\n", kernels().name, ghz);
  if (!only_softmax) {
    for (const std::size_t n : {kL1, kL2}) print_functions(contenders, n, ghz, functions);
  }
  if (with_softmax) print_softmax(contenders);
}
