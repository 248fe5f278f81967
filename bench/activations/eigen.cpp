// Eigen as a contender: array expressions, compiled for this program's instruction set.
// SPDX-License-Identifier: Apache-2.0
#include "contender.hpp"

#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

namespace lamina::bench {
namespace {

using kernel::Unary;
using Array = Eigen::ArrayXf;
using Rows = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class F>
Elementwise expression(const F& f) {
  return [f](const float* x, float* y, std::size_t n) {
    const auto size = static_cast<Eigen::Index>(n);
    Eigen::Map<Array>(y, size) = f(Eigen::Map<const Array>(x, size));
  };
}

}  // namespace

Contender make_eigen() {
  Contender c;
  c.name = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION);
  c[Unary::relu] = expression([](const auto& x) { return x.max(0.0f); });
  c[Unary::exp] = expression([](const auto& x) { return x.exp(); });
  c[Unary::expm1] = expression([](const auto& x) { return x.expm1(); });
  c[Unary::log] = expression([](const auto& x) { return x.log(); });
  c[Unary::log1p] = expression([](const auto& x) { return x.log1p(); });
  c[Unary::tanh] = expression([](const auto& x) { return x.tanh(); });
  c[Unary::erf] = expression([](const auto& x) { return x.erf(); });
  c[Unary::sigmoid] = expression([](const auto& x) { return x.logistic(); });
  c[Unary::silu] = expression([](const auto& x) { return x * x.logistic(); });
  c[Unary::gelu] = expression([](const auto& x) { return 0.5f * x * (1.0f + (x * 0.707106781f).erf()); });
  c[Unary::gelu_tanh] =
      expression([](const auto& x) { return 0.5f * x * (1.0f + (0.797884561f * (x + 0.044715f * x * x * x)).tanh()); });
  c[Unary::softplus] = expression([](const auto& x) { return x.exp().log1p(); });
  c[Unary::softsign] = expression([](const auto& x) { return x / (1.0f + x.abs()); });
  c[Unary::elu] = expression([](const auto& x) { return (x > 0.0f).select(x, x.expm1()); });
  c.softmax = [](const float* x, float* y, std::size_t rows, std::size_t n) {
    const auto height = static_cast<Eigen::Index>(rows), width = static_cast<Eigen::Index>(n);
    const Eigen::Map<const Rows> in(x, height, width);
    Eigen::Map<Rows> out(y, height, width);
    for (Eigen::Index r = 0; r < height; ++r) {
      out.row(r) = (in.row(r) - in.row(r).maxCoeff()).exp();
      out.row(r) *= 1.0f / out.row(r).sum();
    }
  };
  return c;
}

}  // namespace lamina::bench
