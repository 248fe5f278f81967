// "tf.keras.layers.Dense" -> which library's name it is, and the last part of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/scope.hpp"

#include <cstdint>
#include <string>

namespace lamina::format::architecture {

enum class Library : std::uint8_t {
  bare,              // no prefix: "Dense"
  torch_nn,          // torch.nn., nn.
  torch_functional,  // torch.nn.functional., F.
  torch,             // torch.
  keras,             // keras., keras.layers., keras.models., and with tf. in front
  keras_activations,
  tensorflow,  // tf.nn., tf.
  unknown,
};

struct Callee {
  Library origin = Library::bare;
  std::string name;  // without prefix where the library is known
};

[[nodiscard]] Callee resolve(const std::string& dotted, const Scope& scope);

}  // namespace lamina::format::architecture
