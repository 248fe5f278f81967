// Gemm and MatMul with constant weights, and arithmetic with constants.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "base/transpose.hpp"
#include "format/onnx/operators.hpp"

#include <algorithm>
#include <array>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::int64_t kNumpyBroadcast = 7;  // opset from which Add and its like broadcast as numpy does

void scale(Tensor& tensor, double factor) {
  if (factor == 1) return;
  for (float& value : tensor.mutable_values()) value = static_cast<float>(value * factor);
}

void require_matrix(const Constant& weight) {
  if (weight.dims.size() == 2 && weight.size() != 0) return;
  fail(Errc::shape_mismatch, "weight", "shape", "two dimensions", to_string(weight.dims));
}

/// Gemm's C broadcasts over [batch, outputs]: the same for each row of the batch.
Tensor gemm_bias(const Constant& c, std::int64_t outputs) {
  Shape dims = c.dims;
  while (dims.size() > 1 && dims.front() == 1) dims.erase(dims.begin());
  if (dims.size() > 1 || (c.size() != 1 && dims.back() != outputs)) {
    fail(Errc::unsupported_feature, "input C", "shape", "one number per output or one for all, the same for each row",
         to_string(c.dims));
  }
  Tensor bias(Shape{outputs});
  const std::span<float> values = bias.mutable_values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = c.floats.data()[c.size() == 1 ? 0 : i];
  return bias;
}

void gemm(Conversion& c) {
  c.require_first();
  const double alpha = c.attributes.number("alpha", 1), beta = c.attributes.number("beta", 1);
  c.attributes.require("transA", 0, "multiplies along dimension 0, the batch: a row's answer would depend on others");
  c.attributes.ignore("broadcast");
  const bool transposes = c.attributes.integer("transB", 0) != 0;
  if (c.builder.view().knows_rank && c.builder.view().rank() != 2) {
    fail(Errc::shape_mismatch, "input A", "rank", "2", std::to_string(c.builder.view().rank()));
  }
  Constant weight = c.floats(1);
  require_matrix(weight);
  Tensor matrix = transposes ? std::move(weight.floats) : base::transposed(weight.floats);
  weight = {};
  scale(matrix, alpha);
  std::optional<Tensor> bias;
  if (c.has_input(2)) {
    bias = gemm_bias(c.floats(2), matrix.shape()[0]);
    scale(*bias, beta);
  }
  c.builder.add_linear(std::move(matrix), std::move(bias));
}

/// weight [M, K] times columns [K] or [..., K, 1]: the weight as Linear has it.
void multiply_from_left(Conversion& c, Constant weight) {
  require_matrix(weight);
  RowView view = c.builder.view();
  view.require_rank();
  const bool vector = !view.has_batch && view.row.size() == 1;
  const bool column = view.row.size() >= view.joined + 2 && view.row.back() == 1;
  if (!vector && !column) {
    fail(Errc::unsupported_feature,
         "the weight is on the left and the input " + to_string(view.row) + " is no column: rows would be mixed");
  }
  if (column) view.row.pop_back();
  c.builder.reshape(view);
  c.builder.add_linear(std::move(weight.floats), std::nullopt);
  if (!column) return;
  view = c.builder.view();
  view.row.push_back(1);
  c.builder.reshape(view);
}

void matmul(Conversion& c) {
  Constant weight = c.floats(1 - c.dynamic);
  if (c.dynamic == 1) return multiply_from_left(c, std::move(weight));
  // A batch of one matrix is that matrix.
  while (weight.dims.size() > 2 && weight.dims.front() == 1 && c.builder.view().rank() >= weight.dims.size()) {
    weight.dims.erase(weight.dims.begin());
  }
  const bool vector = weight.dims.size() == 1;  // numpy: a dot product, whose dimension is gone afterwards
  if (vector) weight.dims.push_back(1);
  require_matrix(weight);
  weight.floats = weight.floats.reshaped(weight.dims);
  c.builder.add_linear(base::transposed(weight.floats), std::nullopt);
  if (!vector) return;
  RowView view = c.builder.view();
  view.row.pop_back();
  c.builder.reshape(view);
}

/// Before opset 7 the constant is the second input and, with broadcast=1, stands at `axis`: only the right-aligned
/// case, which is what numpy does, is known to have been used.
void require_numpy_broadcast(Conversion& c, const Constant& constant) {
  if (c.opset() >= kNumpyBroadcast) return;
  const std::int64_t axis = c.attributes.integer("axis", -1);
  c.attributes.ignore("broadcast");
  c.attributes.ignore("consumed_inputs");
  const RowView& view = c.builder.view();
  if (axis == -1 || (view.knows_rank && axis + static_cast<std::int64_t>(constant.dims.size()) ==
                                            static_cast<std::int64_t>(view.rank()))) {
    return;
  }
  fail(Errc::unsupported_feature, "axis=" + std::to_string(axis), "broadcasts over anything but the last dimensions");
}

template <Arithmetic kForwards, Arithmetic kBackwards>
void arithmetic(Conversion& c) {
  if (c.dynamic == 1 && kBackwards == Arithmetic::divide) {
    fail(Errc::unsupported_feature, "divides a constant by the value");
  }
  const Constant constant = c.floats(1 - c.dynamic);
  require_numpy_broadcast(c, constant);
  c.builder.add_affine(std::array{kForwards, kBackwards}[c.dynamic], constant);
}

void negate(Conversion& c) {
  c.builder.add_affine(Arithmetic::multiply, {.dims = {}, .floats = Tensor(Shape{}, {-1.0f}), .integers = {}});
}

constexpr std::array kRows = {
    OperatorRow{"Gemm", gemm},
    OperatorRow{"MatMul", matmul},
    OperatorRow{"Add", arithmetic<Arithmetic::add, Arithmetic::add>},
    OperatorRow{"Sub", arithmetic<Arithmetic::subtract, Arithmetic::subtract_from>},
    OperatorRow{"Mul", arithmetic<Arithmetic::multiply, Arithmetic::multiply>},
    OperatorRow{"Div", arithmetic<Arithmetic::divide, Arithmetic::divide>},
    OperatorRow{"Neg", negate},
};

}  // namespace

Convert find_arithmetic(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const OperatorRow& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->convert;
}

}  // namespace lamina::format::onnx
