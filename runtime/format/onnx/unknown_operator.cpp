// An operator that lamina does not know -> what to say about it.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/unknown_operator.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace lamina::format::onnx {
namespace {

struct Hint {
  std::string_view op;  // or what its name starts with, where it ends with a star
  std::string_view text;
};

constexpr std::string_view kQuantized = "quantised models are not read: export the model in float32";
constexpr std::string_view kDense = "lamina runs dense networks, without convolutions, recurrence or attention";
constexpr std::string_view kForest = "a model of scikit-learn that is no network (MLPClassifier and MLPRegressor are)";

constexpr std::array kHints = {
    Hint{"Erf", "Erf is known as a part of GELU alone, x * 0.5 * (1 + Erf(x / sqrt(2)))"},
    Hint{"Hardmax", "leave it off: lamina gives the numbers themselves (--top 1 shows the largest)"},
    Hint{"ArgMax", "leave it off: lamina gives the numbers themselves (--top 1 shows the largest)"},
    Hint{"TopK", "leave it off: lamina gives the numbers themselves (--top K shows the largest)"},
    Hint{"QuantizeLinear", kQuantized},
    Hint{"DequantizeLinear", kQuantized},
    Hint{"DynamicQuantizeLinear", kQuantized},
    Hint{"QLinear*", kQuantized},
    Hint{"QGemm", kQuantized},
    Hint{"MatMulInteger*", kQuantized},
    Hint{"Conv*", kDense},
    Hint{"MaxPool", kDense},
    Hint{"AveragePool", kDense},
    Hint{"Global*", kDense},
    Hint{"LSTM", kDense},
    Hint{"GRU", kDense},
    Hint{"RNN", kDense},
    Hint{"*Attention", kDense},
    Hint{"If", "lamina runs chains of layers, without branches and loops"},
    Hint{"Loop", "lamina runs chains of layers, without branches and loops"},
    Hint{"Scan", "lamina runs chains of layers, without branches and loops"},
    Hint{"TreeEnsemble*", kForest},
    Hint{"Linear*", kForest},
    Hint{"SVM*", kForest},
};

bool names(std::string_view pattern, std::string_view op) {
  if (pattern.ends_with('*')) return op.starts_with(pattern.substr(0, pattern.size() - 1));
  if (pattern.starts_with('*')) return op.ends_with(pattern.substr(1));
  return op == pattern;
}

}  // namespace

std::string describe_unknown(const NodeProto& node) {
  const auto hint = std::find_if(kHints.begin(), kHints.end(), [&](const Hint& h) { return names(h.op, node.op); });
  const std::string text = "lamina does not know this operator";
  return hint == kHints.end() ? text : text + ": " + std::string(hint->text);
}

}  // namespace lamina::format::onnx
