// One operator test of the ONNX project -> why lamina does not claim to run it.
// SPDX-License-Identifier: Apache-2.0
//
// lamina runs chains of layers from one float32 input, whose dimension 0 is the batch, to one output; a row's answer
// depends on no other row. An input of rank 1 or 0 is one row. Everything here follows from that and from kOperators.
#include "conformance/onnx_scope.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace lamina::test {
namespace {

constexpr std::array<std::string_view, 37> kOperators = {"Add",
                                                         "BatchNormalization",
                                                         "Cast",
                                                         "Celu",
                                                         "Clip",
                                                         "Concat",
                                                         "Constant",
                                                         "Div",
                                                         "Dropout",
                                                         "Elu",

                                                         "Flatten",
                                                         "Gelu",
                                                         "Gemm",
                                                         "HardSigmoid",
                                                         "HardSwish",
                                                         "Identity",
                                                         "LayerNormalization",
                                                         "LeakyRelu",
                                                         "LogSoftmax",
                                                         "MatMul",
                                                         "Mish",
                                                         "Mul",
                                                         "PRelu",
                                                         "Relu",
                                                         "Reshape",
                                                         "Selu",
                                                         "Shrink",
                                                         "Sigmoid",
                                                         "Softmax",
                                                         "Softplus",
                                                         "Softsign",
                                                         "Squeeze",
                                                         "Sub",
                                                         "Swish",
                                                         "Tanh",
                                                         "ThresholdedRelu",
                                                         "Unsqueeze"};

/// Those that normalise or join along `axis`.
constexpr std::array<std::string_view, 4> kAlongAxis = {"LayerNormalization", "LogSoftmax", "Softmax", "Flatten"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string foreign_operators(const OnnxCase& test) {
  std::string names;
  for (const std::string& op : test.operators) {
    if (!contains(kOperators, op)) names += (names.empty() ? "" : ", ") + op;
  }
  return names;
}

bool works_over_the_batch(const OnnxCase& test) {
  const auto rank = static_cast<std::int64_t>(test.inputs[0].dims.size());
  return rank > 1 && (test.axis == 0 || test.axis == -rank) &&
         std::ranges::any_of(test.operators, [](const std::string& op) { return contains(kAlongAxis, op); });
}

/// A constant as large as the whole batch: each row would have numbers of its own.
bool differs_by_row(const OnnxTensor& constant, const OnnxTensor& x) {
  return constant.dims.size() == x.dims.size() && x.dims.size() > 1 && constant.dims[0] > 1;
}

/// Clip with its bounds the wrong way round: every answer is the upper one.
bool clips_to_a_constant(const OnnxCase& test) {
  return test.operators == std::vector<std::string>{"Clip"} && test.inputs.size() == 3 &&
         test.inputs[1].values > test.inputs[2].values;
}

bool multiplies(const OnnxCase& test) { return test.operators == std::vector<std::string>{"MatMul"}; }

}  // namespace

std::string out_of_scope(const OnnxCase& test) {
  if (!test.takes_tensors) return "the input is a sequence or an optional";
  if (test.inputs.empty() || test.inputs[0].type != kOnnxFloat) return "the input is not float32";
  if (const std::string names = foreign_operators(test); !names.empty()) return "no operator of lamina: " + names;
  if (test.trains) return "training";
  if (clips_to_a_constant(test)) return "the answer does not depend on the input";
  const OnnxTensor& x = test.inputs[0];
  if (works_over_the_batch(test)) return "works over the batch";
  if (x.dims.size() > 1 && (test.output.dims.empty() || test.output.dims[0] != x.dims[0])) return "changes the batch";
  for (std::size_t i = 1; i < test.inputs.size(); ++i) {
    const OnnxTensor& constant = test.inputs[i];
    if (multiplies(test) ? constant.dims.size() > 2 : differs_by_row(constant, x)) {
      return multiplies(test) ? "weights of more than two dimensions"
                              : "a constant with numbers of its own for each row";
    }
  }
  return {};
}

}  // namespace lamina::test
