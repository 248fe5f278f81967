// Every kernel with FMA, on any machine -> the bits that stand here: AVX2, AVX-512 and NEON give the same answers.
// SPDX-License-Identifier: Apache-2.0
//
// One hash per operation over fixed inputs. No two machines meet in a test, so the bits meet here. A deliberate change
// of an operation's order or polynomial changes its line: the failure prints the new hash.
#include "kernel/accuracy.hpp"
#include "kernel/kernels.hpp"
#include "support/catch.hpp"
#include "support/kernel_input.hpp"
#include "support/linear_call.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iomanip>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace lamina;
using kernel::KernelTable;
using kernel::RowArgs;
using kernel::Unary;

std::vector<const KernelTable*> tables_with_fma() {
  std::vector<const KernelTable*> fused;
  for (const KernelTable* table : test::tables()) {
    if (table->isa != kernel::Isa::sse4) fused.push_back(table);
  }
  return fused;
}

/// FNV-1a over the bits, all NaN taken as one.
std::uint64_t hash_bits(const std::vector<float>& y) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const float v : y) {
    const std::uint32_t bits = std::isnan(v) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(v);
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ (bits >> shift & 0xff)) * 0x100000001b3u;
  }
  return hash;
}

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << std::setw(16) << std::setfill('0') << value;
  return text.str();
}

/// n values in [-2, 2), by integer arithmetic alone: std::normal_distribution differs between C libraries.
std::vector<float> exact_values(std::size_t n, std::uint32_t seed) {
  std::vector<float> x(n);
  for (float& v : x) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<float>(static_cast<std::int32_t>(seed) >> 8) * 0x1p-22f;
  }
  return x;
}

/// Every 4001st float32 (a prime: all exponents, changing mantissas).
std::vector<float> strided_floats() {
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 4001) {
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  return x;
}

struct UnaryBits {
  Unary unary;
  std::uint64_t hash;
};

constexpr UnaryBits kUnaryBits[] = {
    {Unary::identity, 0x230f37dce390b226},
    {Unary::relu, 0x86cdd6c4afe7547f},
    {Unary::clamp, 0x536bab0935666b74},
    {Unary::leaky_relu, 0x6a6db2e7e32031b7},
    {Unary::keras_relu, 0x9ae17f764a09f2b0},
    {Unary::elu, 0x614c11f19d4e3240},
    {Unary::celu, 0x5d9fe755b64f96b8},
    {Unary::selu, 0x2375e0ea015135db},
    {Unary::gelu, 0x34f477f71453f2df},
    {Unary::gelu_tanh, 0x9e1bea53d74c935b},
    {Unary::sigmoid, 0x4ad3dc6acd7e15ea},
    {Unary::tanh, 0xee78b5876a892cb2},
    {Unary::silu, 0x54ca0ce21de4c975},
    {Unary::mish, 0xaa35f4ebc821ba87},
    {Unary::softplus, 0x9ca126a46e1a78ad},
    {Unary::softsign, 0xeeb22de6b8e9a35e},
    {Unary::log_sigmoid, 0xd9d43e8ffbaed955},
    {Unary::hardsigmoid, 0xb429941227ddf34b},
    {Unary::hard_sigmoid_linear, 0xc05626c10a3ee735},
    {Unary::hardswish, 0xb8dc673635cc004b},
    {Unary::hardshrink, 0x01679bc89f0d67c1},
    {Unary::softshrink, 0xd32115ee3f321900},
    {Unary::tanhshrink, 0x20d85fe1f7fb459d},
    {Unary::threshold, 0xdf1d7e3291594755},
    {Unary::exp, 0x0746f66e459b8647},
    {Unary::squareplus, 0x033ccff75ba200a6},
    {Unary::sparse_plus, 0x9a29e66ea9fd9c02},
    {Unary::sparse_sigmoid, 0x548065185a9421dc},
    {Unary::erf, 0x23a93aa9bc502e36},
    {Unary::expm1, 0x84df47beb03d9708},
    {Unary::log1p, 0x6a2a9629296afffb},
    {Unary::log, 0x520d9f1ba8a5ca45},
};

TEST_CASE("every elementwise function with FMA gives the bits that stand here", "[bits]") {
  static_assert(std::size(kUnaryBits) == kernel::kUnaryCount);
  const std::vector<float> x = strided_floats();
  std::vector<float> y(x.size());
  for (const KernelTable* table : tables_with_fma()) {
    for (const kernel::Accuracy& a : kernel::kAccuracy) {
      const auto i = static_cast<std::size_t>(a.unary);
      REQUIRE(kUnaryBits[i].unary == a.unary);
      table->unary[i](x.data(), y.data(), x.size(), a.p);
      INFO(table->name << " " << kernel::unary_name(a.unary));
      CHECK(hex(hash_bits(y)) == hex(kUnaryBits[i].hash));
    }
  }
}

struct LinearBits {
  std::size_t n, k;
  std::uint64_t hash;
};

// Dot products, chains and panels, whole and partial, on either side of each choice of plan::reduction_for.
// clang-format off
constexpr LinearBits kLinearBits[] = {
    {1, 784, 0x108c77d1ebf57ebb},
    {1, 5, 0xa54dda2dec94a33e},
    {3, 100, 0x80a1a00228ae1708},
    {4, 4096, 0xb975767c59976f82},
    {5, 33, 0x646b79e328eaf9cb},
    {10, 128, 0xb51cd76a3181b2ad},
    {16, 64, 0x7d3ee94e44d9f9e8},
    {17, 50, 0x5f6543549e2783ed},
    {32, 31, 0x2e6430fb096028c2},
    {33, 65, 0x0f63dab485339803},
    {64, 300, 0xcf2f6f72598ae0c7},
    {100, 32, 0x9bddafda9453130c},
    {129, 77, 0x850c2e2fdd8f6237},
    {300, 17, 0x1ee75d599001464f},
    {513, 129, 0xa1173fcab81caeb3},
};
// clang-format on

TEST_CASE("every Linear with FMA gives the bits that stand here", "[bits]") {
  constexpr std::size_t kRows = 7;
  for (const KernelTable* table : tables_with_fma()) {
    for (const LinearBits& layer : kLinearBits) {
      const std::vector<float> x = exact_values(kRows * layer.k, 1);
      const plan::PackedLinear packed =
          test::pack_linear(layer.n, layer.k, exact_values(layer.n * layer.k, 2), exact_values(layer.n, 3), *table);
      std::vector<float> y(kRows * layer.n);
      test::run_linear(packed, *table, test::linear_args(packed, x.data(), kRows, y.data(), layer.n));
      INFO(table->name << " " << layer.k << " -> " << layer.n);
      CHECK(hex(hash_bits(y)) == hex(layer.hash));
    }
  }
}

constexpr std::size_t kWidths[] = {1, 2, 3, 7, 8, 10, 16, 17, 31, 33, 100, 1000};

struct RowBits {
  const char* name;
  std::function<void(const KernelTable&, const RowArgs&)> run;
  std::uint64_t hash;
};

/// An operation over `axis`, of rows seen as [rows][n][1] and as [1][rows][n].
auto over_axes(kernel::AxisFn KernelTable::*function) {
  return [function](const KernelTable& table, const RowArgs& a) {
    (table.*function)({a.x, a.y, a.rows, a.n, 1});
    (table.*function)({a.y, a.y, 1, a.rows, a.n});
  };
}
auto over_rows(kernel::RowFn KernelTable::*function) {
  return [function](const KernelTable& table, const RowArgs& a) { (table.*function)(a); };
}

std::vector<RowBits> row_operations() {
  static const std::vector<float> kP = exact_values(1000, 4), kQ = exact_values(1000, 5);
  return {
      {"softmax", over_rows(&KernelTable::softmax), 0x175291e9ae015ac5},
      {"log_softmax", over_rows(&KernelTable::log_softmax), 0x5ff838de244641f6},
      {"softmin", over_rows(&KernelTable::softmin), 0xe4f3ec7acf835e18},
      {"sparsemax", over_rows(&KernelTable::sparsemax), 0x09495ae792c2e8c0},
      {"unit_norm", over_rows(&KernelTable::unit_norm), 0xa9a795c0a9d9f152},
      {"softmax_axis", over_axes(&KernelTable::softmax_axis), 0x2908c1ea2408dd9c},
      {"log_softmax_axis", over_axes(&KernelTable::log_softmax_axis), 0xf515aa7dd7f2783e},
      {"softmin_axis", over_axes(&KernelTable::softmin_axis), 0x7944732d35a2cf41},
      {"sparsemax_axis", over_axes(&KernelTable::sparsemax_axis), 0xdf89cf85df75a5aa},
      {"affine",
       [](const KernelTable& t, const RowArgs& a) {
         t.affine({a, kP.data(), kQ.data(), kP.data(), false});
       },
       0x7766f04c60f10476},
      {"affine / scale",
       [](const KernelTable& t, const RowArgs& a) {
         t.affine({a, {}, kQ.data(), {}, true});
       },
       0xc7ad04934a5cfffa},
      {"prelu", [](const KernelTable& t, const RowArgs& a) { t.prelu(a, kP.data()); }, 0xdf35c603b5decb8b},
      {"glu", [](const KernelTable& t, const RowArgs& a) { t.glu(a.x, kP.data(), a.y, a.n); }, 0x9eb0a156b25f23dd},
      {"layer_norm",
       [](const KernelTable& t, const RowArgs& a) {
         t.layer_norm({a, kP.data(), kQ.data(), 1e-5f});
       },
       0x91e2fd480919183c},
  };
}

TEST_CASE("every row operation with FMA gives the bits that stand here", "[bits]") {
  constexpr std::size_t kRows = 3;
  for (const KernelTable* table : tables_with_fma()) {
    for (const RowBits& operation : row_operations()) {
      std::vector<float> all;
      for (const std::size_t n : kWidths) {
        const std::vector<float> x = exact_values(kRows * n, 6);
        std::vector<float> y(x.size());
        operation.run(*table, {x.data(), n, y.data(), n, kRows, n});
        all.insert(all.end(), y.begin(), y.end());
      }
      INFO(table->name << " " << operation.name);
      CHECK(hex(hash_bits(all)) == hex(operation.hash));
    }
  }
}

}  // namespace
