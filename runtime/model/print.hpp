// Network -> text: PyTorch's print(model), Keras's model.summary().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <string>

namespace lamina::model {

/// "Linear": the class name that PyTorch prints (lamina's own where PyTorch has none).
[[nodiscard]] std::string torch_class(const Layer& layer);
/// "Dense": the class name that Keras's summary shows.
[[nodiscard]] std::string keras_class(const Layer& layer);
/// "layer 'fc1' (Linear)": the place that error messages name.
[[nodiscard]] std::string place(const Layer& layer);
/// "Linear(in_features=784, out_features=128, bias=True)".
[[nodiscard]] std::string torch_repr(const Layer& layer);
/// The whole module, nested and indented, without a newline at the end.
[[nodiscard]] std::string torch_repr(const Network& network);
/// One row per layer of the outermost level; "?" for a shape that is not known. No newline at the end.
[[nodiscard]] std::string keras_summary(const Network& network);
/// Shortest decimal that reads back as the same double, in Python's form: "0.01", "1e-05", "1.0".
[[nodiscard]] std::string python_float(double value);

}  // namespace lamina::model
