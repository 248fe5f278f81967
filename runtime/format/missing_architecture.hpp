// Tensors without an architecture -> the Error that lists them and guesses at the network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/tensor_file.hpp"

namespace lamina::format {

/// Error{invalid_argument}: problems() has the tensors and, where they look like a plain network, the flags that would
/// read them as it, marked as a guess; several networks get one with --prefix each. what() has the only guess too.
[[nodiscard]] Error missing_architecture(const Contents& contents, const LoadOptions& options);

}  // namespace lamina::format
