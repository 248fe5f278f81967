// Tensors without an architecture -> the Error that lists them and guesses at the network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/tensor_file.hpp"

namespace lamina::format {

/// Error{invalid_argument}: problems() has the first tensors; what() says what to give and, where the weights form a
/// chain of Linear layers, a guess of it, marked as one.
[[nodiscard]] Error missing_architecture(const Contents& contents);

}  // namespace lamina::format
