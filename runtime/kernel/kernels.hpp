// The one door to SIMD: a table of functions per instruction set, pointers -> pointers.
// SPDX-License-Identifier: Apache-2.0
//
// Letters used in all of kernel/: x input, w weights, b bias, y output; M rows, N outputs, K inputs of a
// Linear; MR x NR the register tile; ld* the distance in floats between consecutive rows.
// Every function: reads and writes nothing outside its arguments (no over-read, no over-write), allocates nothing,
// accepts any alignment, zero rows, and x == y where it says so. Element values depend on the arguments of
// that element alone (its row for row operations), never on position, count or neighbours.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lamina::kernel {

enum class Isa : std::uint8_t { sse4, avx2, avx512, neon };

/// Elementwise functions; p[] are their parameters.
enum class Unary : std::uint8_t {
  identity,
  relu,        // max(0, x)
  clamp,       // p0 <= x <= p1: hardtanh, relu6
  leaky_relu,  // x > 0 ? x : p0 x
  keras_relu,  // p0 max_value, p1 negative_slope, p2 threshold (formats.md 5.2.1)
  elu,         // x > 0 ? x : p0 expm1(x)
  celu,        // max(0, x) + min(0, p0 expm1(x / p0))
  selu,        // p0 scale, p1 alpha: p0 (x > 0 ? x : p1 expm1(x))
  gelu,        // x/2 (1 + erf(x / sqrt 2))
  gelu_tanh,   // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  sigmoid,
  tanh,
  silu,      // x sigmoid(x)
  mish,      // x tanh(log1p(exp x))
  softplus,  // p0 beta, p1 threshold
  softsign,  // x / (1 + |x|)
  log_sigmoid,
  hardsigmoid,          // min(max(x + 3, 0), 6) / 6
  hard_sigmoid_linear,  // clip(p0 x + p1, 0, 1)
  hardswish,
  hardshrink,  // |x| <= p0 ? 0 : x
  softshrink,  // p0
  tanhshrink,  // x - tanh(x)
  threshold,   // x > p0 ? x : p1 (NaN stays NaN)
  exp,
  squareplus,  // (x + sqrt(x^2 + p0)) / 2
  sparse_plus,
  sparse_sigmoid,
  // Not activations: parts that tests and `tools/dev ulp` measure on their own.
  erf,
  expm1,
  log1p,
  log,
  count_,
};
inline constexpr std::size_t kUnaryCount = static_cast<std::size_t>(Unary::count_);

inline constexpr std::size_t kUnaryParameters = 3;

/// y[i] = f(x[i]); x == y allowed.
using UnaryFn = void (*)(const float* x, float* y, std::size_t n, const float* p) noexcept;

/// y = f(x w^T + b) for rows x outputs [n_begin, n_end) of a packed layer.
///
/// Packed weights, layout `panel`: [ceil(N / panel)][K][panel], outputs innermost, zero padded; one output
/// is `chains` interleaved fma chains over k (chain c takes k = c, c + chains, ...), chain 0 seeded with the
/// bias, added pairwise at the end: ((0+1)+(2+3)). Layout `dot`: [N][ceil16(K)], zero padded; one output is 16
/// lanes over k, summed by the fixed tree of wide.inl.hpp, then the bias is added. Both end by adding +0.0f.
struct LinearArgs {
  const float* x;
  std::size_t ldx;
  float* y;
  std::size_t ldy;
  const float* w;
  const float* b;  // [ceil(N / panel) * panel] (dot: [N]), zeros where the layer has no bias
  std::size_t rows;
  std::size_t k;
  std::size_t n_begin;       // multiple of panel (dot: any)
  std::size_t n_end;         // multiple of panel, or N
  std::size_t panel;         // outputs per panel: a multiple of the table's `panel`
  std::size_t panel_stride;  // floats from one panel to the next (dot: from one output to the next)
  std::uint32_t chains;      // 1, 2 or 4
  bool skip_zeros;           // one row: weights that meet an exact 0.0 need not be read; all weights are finite
  Unary epilogue;
  float p[kUnaryParameters];
};
using LinearFn = void (*)(const LinearArgs& a) noexcept;

/// One operation on each of `rows` rows of n floats; x == y allowed (with ldx == ldy).
struct RowArgs {
  const float* x;
  std::size_t ldx;
  float* y;
  std::size_t ldy;
  std::size_t rows;
  std::size_t n;
};
using RowFn = void (*)(const RowArgs& a) noexcept;

/// Softmax and kin over the middle of [outer][axis][inner], dense; x == y allowed. Reductions run over
/// `axis` in order, lanes over `inner`.
struct AxisArgs {
  const float* x;
  float* y;
  std::size_t outer;
  std::size_t axis;
  std::size_t inner;
};
using AxisFn = void (*)(const AxisArgs& a) noexcept;

/// y[r][j] = (x[r][j] - shift[j]) * scale[j] + offset[j] (or / scale[j]); null pointers leave a part out.
/// Plain subtract, multiply, add: no fma, so that each part rounds as the framework's does. x == y allowed.
struct AffineArgs {
  RowArgs rows;
  const float* shift;
  const float* scale;
  const float* offset;
  bool divide;
};
using AffineFn = void (*)(const AffineArgs& a) noexcept;

/// y[r][j] = x > 0 ? x : alpha[j] * x. x == y allowed.
using ColumnFn = void (*)(const RowArgs& a, const float* alpha) noexcept;

/// y[i] = a[i] * sigmoid(b[i]). y may equal a.
using GluFn = void (*)(const float* a, const float* b, float* y, std::size_t n) noexcept;

/// (x - mean) / sqrt(variance + eps) * weight[j] + bias[j] per row; weight and bias may be null.
struct LayerNormArgs {
  RowArgs rows;
  const float* weight;
  const float* bias;
  float eps;
};
using LayerNormFn = void (*)(const LayerNormArgs& a) noexcept;

/// Measures a machine: `turns` steps of independent multiply-adds; returns the floating-point operations done.
using PeakFn = double (*)(std::size_t turns) noexcept;
/// Reads n floats (a multiple of 256) and does nothing with them.
using ReadFn = void (*)(const float* x, std::size_t n) noexcept;

/// Everything that the rest of the runtime may know about an instruction set.
struct KernelTable {
  Isa isa;
  const char* name;         // "avx2": printed by inspect, matched by LAMINA_ISA
  const char* tile;         // "6x64": the widest tile of linear_panel, for people
  const char* low_tile;     // "4x64": the same for fewer summands than short_sum
  std::size_t short_sum;
  std::size_t lanes;        // floats per vector
  std::size_t panel;        // outputs per packed panel
  std::size_t row_tile;     // rows of the tallest tile: row blocks are best a multiple of it
  std::size_t row_outputs;  // outputs of the widest tile for one row: a multiple of `panel`
  LinearFn linear_panel;
  LinearFn linear_dot;
  UnaryFn unary[kUnaryCount];
  RowFn softmax, log_softmax, softmin, sparsemax, unit_norm;  // over the n floats of each row
  AxisFn softmax_axis, log_softmax_axis, softmin_axis, sparsemax_axis;
  AffineFn affine;
  ColumnFn prelu;
  GluFn glu;
  LayerNormFn layer_norm;
  PeakFn multiply_add;
  ReadFn read_floats;
};

/// Tables in this build that this CPU and operating system can run, least able first; never empty
/// on a CPU that lamina supports (x86-64-v2, arm64).
struct Tables {
  const KernelTable* table[4];
  std::size_t count;
};
[[nodiscard]] Tables runnable_tables() noexcept;

/// Short lower-case name of a Unary, "gelu_tanh": for labels and reports.
[[nodiscard]] const char* unary_name(Unary unary) noexcept;

}  // namespace lamina::kernel
