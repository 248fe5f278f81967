// Every elementwise kernel over all float32 -> largest error in ulp against double, as a Markdown table.
// SPDX-License-Identifier: Apache-2.0
//
// lamina_ulp [--isa NAME] [--function NAME] [--stride N] [--threads T]; exit 3 where a promise of
// kernel/accuracy.hpp is broken or two instruction sets with fma differ in a bit, 2 for bad usage.
#include "kernel/accuracy.hpp"
#include "kernel/kernels.hpp"
#include "ulp_exact.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using lamina::kernel::Accuracy;
using lamina::kernel::Isa;
using lamina::kernel::KernelTable;

struct Options {
  std::string isa, function;
  std::uint64_t stride = 1;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
};

struct Worst {
  double ulp = 0;  // errors within the absolute bound count as 0
  float at = 0;
  void take(double error, float x) {
    if (!(error <= ulp)) {
      ulp = error;
      at = x;
    }
  }
};

constexpr std::size_t kBlock = 4096, kMaxTables = 4;

/// What a scan found, one per table; and whether the tables with fma agreed to the bit.
struct Findings {
  Worst worst[kMaxTables];
  bool same_bits = true;
};

/// Buffers of one thread: 112 KiB, within L2.
struct Block {
  std::vector<float> x = std::vector<float>(kBlock), y = std::vector<float>(kBlock), first = std::vector<float>(kBlock);
  std::vector<double> exact = std::vector<double>(kBlock), error = std::vector<double>(kBlock);
};

/// NaN in, NaN out. Where the oracle is NaN or infinite although x is finite (log of 0 or less) y must be the same.
double special_error(float x, float y, double exact) {
  const double wrong = HUGE_VAL;
  if (std::isnan(x)) return std::isnan(y) ? 0 : wrong;
  if (std::isnan(exact)) return std::isnan(y) ? 0 : wrong;
  if (std::isnan(y)) return wrong;
  return -1;  // not special
}

void judge(Block& b, std::size_t n, double absolute, Worst& worst) {
  lamina::bench::errors_in_ulp(b.y.data(), b.exact.data(), b.error.data(), n, absolute);
  for (std::size_t i = 0; i < n; ++i) {
    const bool any_nan = std::isnan(b.x[i]) || std::isnan(b.y[i]) || std::isnan(b.exact[i]);
    if (any_nan || b.error[i] > worst.ulp) {
      const double special = special_error(b.x[i], b.y[i], b.exact[i]);
      worst.take(special >= 0 ? special : b.error[i], b.x[i]);
    }
  }
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b, std::size_t n) {
  if (std::memcmp(a.data(), b.data(), n * sizeof(float)) == 0) return true;
  for (std::size_t i = 0; i < n; ++i) {
    const bool same = std::bit_cast<std::uint32_t>(a[i]) == std::bit_cast<std::uint32_t>(b[i]);
    if (!same && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  }
  return true;
}

using Tables = std::vector<const KernelTable*>;

double absolute_bound(const KernelTable& table, const Accuracy& a) {
  return table.isa == Isa::sse4 ? std::max(a.absolute, a.absolute_no_fma) : a.absolute;
}

/// Runs one block of n inputs through all tables: the oracle, which takes most of the time, runs once.
void scan_block(const Tables& tables, const Accuracy& a, Block& b, std::size_t n, Findings& found) {
  lamina::bench::exact_values(a.unary, b.x.data(), b.exact.data(), n, a.p);
  bool have_first = false;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    tables[t]->unary[static_cast<std::size_t>(a.unary)](b.x.data(), b.y.data(), n, a.p);
    judge(b, n, absolute_bound(*tables[t], a), found.worst[t]);
    if (tables[t]->isa == Isa::sse4) continue;
    if (have_first) found.same_bits = found.same_bits && same_bits(b.first, b.y, n);
    b.first.swap(b.y);
    have_first = true;
  }
}

/// Every stride-th float32 of [begin, end) by bit pattern; infinities are left to the tests' table.
void scan(const Tables& tables, const Accuracy& a, std::uint64_t begin, std::uint64_t end, std::uint64_t stride,
          Findings& found) {
  Block b;
  for (std::uint64_t bits = begin; bits < end;) {
    std::size_t n = 0;
    for (; n < kBlock && bits < end; bits += stride) {
      const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      b.x[n] = x;
      n += std::isinf(x) ? 0 : 1;
    }
    scan_block(tables, a, b, n, found);
  }
}

Findings scan_all(const Tables& tables, const Accuracy& a, const Options& options) {
  constexpr std::uint64_t kAll = std::uint64_t{1} << 32, kChunks = 256;
  const std::uint64_t chunk = (kAll / kChunks / options.stride + 1) * options.stride;
  std::atomic<std::uint64_t> next = 0;
  std::vector<Findings> found(options.threads);
  std::vector<std::thread> threads;
  for (Findings& mine : found) {
    threads.emplace_back([&] {
      for (std::uint64_t begin; (begin = next.fetch_add(chunk)) < kAll;) {
        scan(tables, a, begin, std::min(begin + chunk, kAll), options.stride, mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Findings all;
  for (const Findings& f : found) {
    for (std::size_t t = 0; t < tables.size(); ++t) all.worst[t].take(f.worst[t].ulp, f.worst[t].at);
    all.same_bits = all.same_bits && f.same_bits;
  }
  return all;
}

/// The promise in words: "2", or "4 or 6.0e-08 absolute".
std::string bound_text(const KernelTable& table, const Accuracy& a) {
  char text[64];
  const double absolute = absolute_bound(table, a);
  if (absolute > 0) {
    std::snprintf(text, sizeof text, "%g or %.1e absolute", a.ulp, absolute);
  } else {
    std::snprintf(text, sizeof text, "%g", a.ulp);
  }
  return text;
}

/// Prints the rows of one function; whether all was as promised.
bool report(const Tables& tables, const Accuracy& a, const Findings& found) {
  bool kept = found.same_bits;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const bool within = found.worst[t].ulp <= a.ulp;
    const bool differs = !found.same_bits && tables[t]->isa != Isa::sse4;
    kept = kept && within;
    std::printf("| %s | %s | %.3f%s%s | %.9g | %s |\n", lamina::kernel::unary_name(a.unary), tables[t]->name,
                found.worst[t].ulp, within ? "" : " (broken)", differs ? " (bits differ)" : "",
                static_cast<double>(found.worst[t].at), bound_text(*tables[t], a).c_str());
  }
  std::fflush(stdout);
  return kept;
}

template <class T>
bool parse(const char* text, T& value) {
  const char* end = text + std::strlen(text);
  const auto result = std::from_chars(text, end, value);
  return result.ec == std::errc{} && result.ptr == end && value > 0;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--isa") {
      options.isa = argv[i + 1];
    } else if (flag == "--function") {
      options.function = argv[i + 1];
    } else if (flag == "--stride") {
      if (!parse(argv[i + 1], options.stride)) return false;
    } else if (flag == "--threads") {
      if (!parse(argv[i + 1], options.threads)) return false;
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "usage: lamina_ulp [--isa NAME] [--function NAME] [--stride N] [--threads T]\n");
    return 2;
  }
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::fprintf(stderr, "lamina_ulp: its oracle needs a CPU with AVX2 and FMA\n");
    return 2;
  }
#endif
  const lamina::kernel::Tables runnable = lamina::kernel::runnable_tables();
  Tables tables;
  for (std::size_t t = 0; t < runnable.count; ++t) {
    if (options.isa.empty() || options.isa == runnable.table[t]->name) tables.push_back(runnable.table[t]);
  }
  bool matched = false, kept = true;
  std::printf("| function | instruction set | max ulp | at x | promised |\n|---|---|---|---|---|\n");
  for (const Accuracy& a : lamina::kernel::kAccuracy) {
    if (!options.function.empty() && options.function != lamina::kernel::unary_name(a.unary)) continue;
    if (tables.empty()) break;
    matched = true;
    kept = report(tables, a, scan_all(tables, a, options)) && kept;
  }
  if (!matched) {
    std::fprintf(stderr, "lamina_ulp: no such function or instruction set on this CPU: '%s' '%s'\n",
                 options.function.c_str(), options.isa.c_str());
    return 2;
  }
  return kept ? 0 : 3;
}
