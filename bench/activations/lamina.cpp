// lamina as a contender: the kernels themselves.
// SPDX-License-Identifier: Apache-2.0
#include "contender.hpp"
#include "kernel/accuracy.hpp"

#include <cstdio>
#include <cstdlib>

namespace lamina::bench {

const kernel::KernelTable& kernels() {
#if defined(__AVX512F__)
  constexpr kernel::Isa kIsa = kernel::Isa::avx512;
#else
  constexpr kernel::Isa kIsa = kernel::Isa::avx2;
#endif
  static const kernel::Tables tables = kernel::runnable_tables();
  for (std::size_t t = 0; t < tables.count; ++t) {
    if (tables.table[t]->isa == kIsa) return *tables.table[t];
  }
  std::fprintf(stderr, "this CPU lacks the instruction set of this program\n");
  std::exit(2);
}

Contender make_lamina() {
  Contender c;
  c.name = "lamina";
  for (const kernel::Accuracy& a : kernel::kAccuracy) {
    const kernel::UnaryFn run = kernels().unary[static_cast<std::size_t>(a.unary)];
    c[a.unary] = [run, p = a.p](const float* x, float* y, std::size_t n) { run(x, y, n, p); };
  }
  c.softmax = [](const float* x, float* y, std::size_t rows, std::size_t n) {
    kernels().softmax({x, n, y, n, rows, n});
  };
  return c;
}

}  // namespace lamina::bench
