// Network with golden vectors -> whether their shapes are those of its rows and answers.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "model/infer.hpp"

namespace lamina::model {
namespace {

constexpr const char* kPlace = "golden vectors";

/// Without the first dimension.
Shape row_of(const Tensor& rows, const char* what) {
  if (rows.rank() == 0 || rows.empty()) {
    base::fail(Errc::shape_mismatch, kPlace, what, "[rows, shape of one row], and one row at least",
               to_string(rows.shape()));
  }
  return {rows.shape().begin() + 1, rows.shape().end()};
}

}  // namespace

Shape golden_row(const Network& network) { return row_of(network.golden->input, "input"); }

void validate_golden(const Network& network) {
  const Tensor &input = network.golden->input, &output = network.golden->output;
  Shape row = golden_row(network);
  const Shape answer = row_of(output, "output");
  if (input.shape()[0] != output.shape()[0]) {
    base::fail(Errc::shape_mismatch, kPlace, "rows of output", std::to_string(input.shape()[0]) + ", as of input",
               std::to_string(output.shape()[0]));
  }
  if (network.input_shape && *network.input_shape != row) {
    base::fail(Errc::shape_mismatch, kPlace, "row of input", to_string(*network.input_shape), to_string(row));
  }
  try {
    for (const Layer& layer : flatten(network)) row = output_shape(layer, row);
  } catch (const Error& error) {
    throw base::with_prefix(error, kPlace);
  }
  if (row != answer) base::fail(Errc::shape_mismatch, kPlace, "row of output", to_string(row), to_string(answer));
}

}  // namespace lamina::model
