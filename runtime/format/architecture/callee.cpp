// Prefixes that people write -> libraries.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/callee.hpp"

namespace lamina::format::architecture {
namespace {

struct Prefix {
  std::string_view text;
  Library origin;
};

constexpr Prefix kPrefixes[] = {
    {"torch.nn", Library::torch_nn},
    {"nn", Library::torch_nn},
    {"torch.nn.functional", Library::torch_functional},
    {"nn.functional", Library::torch_functional},
    {"F", Library::torch_functional},
    {"torch", Library::torch},
    {"keras", Library::keras},
    {"keras.layers", Library::keras},
    {"keras.models", Library::keras},
    {"layers", Library::keras},
    {"models", Library::keras},
    {"keras.activations", Library::keras_activations},
    {"activations", Library::keras_activations},
    {"tf", Library::tensorflow},
    {"tf.nn", Library::tensorflow},
    {"tf.math", Library::tensorflow},
};

/// "tensorflow.keras.layers" and "tf.keras.layers" are "keras.layers"; "tensorflow.nn" is "tf.nn".
std::string normalised(std::string prefix) {
  for (const std::string_view outer : {"tensorflow.keras", "tf.keras"}) {
    if (prefix == outer || prefix.rfind(std::string(outer) + ".", 0) == 0) {
      return prefix.substr(outer.size() - std::string_view("keras").size());
    }
  }
  constexpr std::string_view kTensorflow = "tensorflow";
  if (prefix.rfind(kTensorflow, 0) == 0) prefix.replace(0, kTensorflow.size(), "tf");
  return prefix;
}

}  // namespace

Callee resolve(const std::string& dotted, const Scope& scope) {
  const std::string full = scope.full_name(dotted);
  const std::size_t dot = full.rfind('.');
  if (dot == std::string::npos) return {Library::bare, full};
  const std::string prefix = normalised(full.substr(0, dot));
  for (const Prefix& known : kPrefixes) {
    if (prefix == known.text) return {known.origin, full.substr(dot + 1)};
  }
  return {Library::unknown, full};
}

}  // namespace lamina::format::architecture
