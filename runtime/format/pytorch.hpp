// A file of torch.save -> the network, or the named tensors of its state_dict.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"

namespace lamina::format {

/// Any zip archive that no reader before this one has claimed, the container of torch before 1.6, and a bare
/// pickle: the last two of them only to say what they are where they are not PyTorch's.
[[nodiscard]] bool recognises_pytorch(const base::ByteSource& source);
[[nodiscard]] Contents read_pytorch(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
