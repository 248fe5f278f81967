// Activations as functions, as torch.nn.functional: relu(x) returns a new tensor, relu_(x) works in place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>
#include <lamina/tensor.hpp>

#include <cstdint>
#include <limits>
#include <string>

/// Every function runs the same kernel as the layer of that name in a Plan, on this CPU's best
/// instruction set, and takes tensors of any shape (rank 0 to 8; dim counts from 0, or from the end if
/// negative). Formulas and parameters are PyTorch's (Keras's for the last group). Thread safe for
/// different tensors. Throws Error{invalid_argument} for parameters out of range,
/// Error{shape_mismatch} for a dim that x does not have.
namespace lamina::functional {

[[nodiscard]] LAMINA_API Tensor relu(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor relu6(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// weight: one element, or x.shape()[1] of them.
[[nodiscard]] LAMINA_API Tensor prelu(const Tensor& x, const Tensor& weight);
[[nodiscard]] LAMINA_API Tensor rrelu(const Tensor& x, double lower = 1.0 / 8, double upper = 1.0 / 3);
[[nodiscard]] LAMINA_API Tensor elu(const Tensor& x, double alpha = 1.0);
[[nodiscard]] LAMINA_API Tensor selu(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor celu(const Tensor& x, double alpha = 1.0);
[[nodiscard]] LAMINA_API Tensor gelu(const Tensor& x, const std::string& approximate = "none");
[[nodiscard]] LAMINA_API Tensor sigmoid(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor tanh(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor silu(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor mish(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor softplus(const Tensor& x, double beta = 1.0, double threshold = 20.0);
[[nodiscard]] LAMINA_API Tensor softsign(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor logsigmoid(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor hardtanh(const Tensor& x, double min_val = -1.0, double max_val = 1.0);
[[nodiscard]] LAMINA_API Tensor hardsigmoid(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor hardswish(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor hardshrink(const Tensor& x, double lambd = 0.5);
[[nodiscard]] LAMINA_API Tensor softshrink(const Tensor& x, double lambd = 0.5);
[[nodiscard]] LAMINA_API Tensor tanhshrink(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor threshold(const Tensor& x, double threshold, double value);
[[nodiscard]] LAMINA_API Tensor glu(const Tensor& x, std::int64_t dim = -1);
[[nodiscard]] LAMINA_API Tensor softmax(const Tensor& x, std::int64_t dim);
[[nodiscard]] LAMINA_API Tensor log_softmax(const Tensor& x, std::int64_t dim);
[[nodiscard]] LAMINA_API Tensor softmin(const Tensor& x, std::int64_t dim);

// Keras only.
[[nodiscard]] LAMINA_API Tensor keras_relu(const Tensor& x, double max_value = std::numeric_limits<double>::infinity(),
                                           double negative_slope = 0.0, double threshold = 0.0);
[[nodiscard]] LAMINA_API Tensor exponential(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor squareplus(const Tensor& x, double b = 4.0);
[[nodiscard]] LAMINA_API Tensor sparse_plus(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor sparse_sigmoid(const Tensor& x);
[[nodiscard]] LAMINA_API Tensor sparsemax(const Tensor& x, std::int64_t dim = -1);
[[nodiscard]] LAMINA_API Tensor hard_sigmoid_linear(const Tensor& x, double alpha = 0.2, double beta = 0.5);

// In place: x is overwritten and returned.
LAMINA_API Tensor& relu_(Tensor& x);
LAMINA_API Tensor& relu6_(Tensor& x);
LAMINA_API Tensor& leaky_relu_(Tensor& x, double negative_slope = 0.01);
LAMINA_API Tensor& rrelu_(Tensor& x, double lower = 1.0 / 8, double upper = 1.0 / 3);
LAMINA_API Tensor& elu_(Tensor& x, double alpha = 1.0);
LAMINA_API Tensor& selu_(Tensor& x);
LAMINA_API Tensor& celu_(Tensor& x, double alpha = 1.0);
LAMINA_API Tensor& sigmoid_(Tensor& x);
LAMINA_API Tensor& tanh_(Tensor& x);
LAMINA_API Tensor& silu_(Tensor& x);
LAMINA_API Tensor& mish_(Tensor& x);
LAMINA_API Tensor& hardtanh_(Tensor& x, double min_val = -1.0, double max_val = 1.0);
LAMINA_API Tensor& hardsigmoid_(Tensor& x);
LAMINA_API Tensor& hardswish_(Tensor& x);
LAMINA_API Tensor& threshold_(Tensor& x, double threshold, double value);
LAMINA_API Tensor& softmax_(Tensor& x, std::int64_t dim);

/// Any elementwise activation or softmax by the name that PyTorch or Keras gives it, with parameters:
/// "relu", "leaky_relu(0.1)", "elu(alpha=0.5)", "softmax(dim=1)". For tools such as `lamina plot`.
/// Throws Error{unsupported_layer} for an unknown name, listing near ones.
[[nodiscard]] LAMINA_API Tensor apply(const std::string& activation, const Tensor& x);

}  // namespace lamina::functional
