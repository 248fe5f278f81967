// A library -> its elementwise functions and its softmax, as functions over arrays: what every contender offers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/kernels.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace lamina::bench {

/// y[i] = f(x[i]).
using Elementwise = std::function<void(const float* x, float* y, std::size_t n)>;
/// Over the n floats of each row.
using Softmax = std::function<void(const float* x, float* y, std::size_t rows, std::size_t n)>;

/// Empty functions are those that the library does not have.
struct Contender {
  std::string name;
  Elementwise unary[kernel::kUnaryCount];
  Softmax softmax;

  Elementwise& operator[](kernel::Unary f) { return unary[static_cast<std::size_t>(f)]; }
  const Elementwise& operator[](kernel::Unary f) const { return unary[static_cast<std::size_t>(f)]; }
};

/// The instruction set of this program's own code and of the kernels it takes.
[[nodiscard]] const kernel::KernelTable& kernels();

[[nodiscard]] Contender make_lamina();
[[nodiscard]] Contender make_eigen();
[[nodiscard]] Contender make_sleef(bool one_ulp);
/// Empty in a build without the library.
[[nodiscard]] Contender make_onnxruntime();

}  // namespace lamina::bench
