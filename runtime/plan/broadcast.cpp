// A small weight tensor + the row's shape -> one value per float of the row.
// SPDX-License-Identifier: Apache-2.0
#include "plan/broadcast.hpp"

#include <algorithm>

namespace lamina::plan {

base::AlignedFloats copy_values(const Tensor& tensor) {
  base::AlignedFloats out(tensor.size());
  std::copy_n(tensor.data(), tensor.size(), out.data());
  return out;
}

base::AlignedFloats expand_right_aligned(const Tensor& tensor, const Shape& row) {
  base::AlignedFloats out(element_count(row));
  const Shape& shape = tensor.shape();
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Index i of the row, split into coordinates from the last dimension on; dimensions of size 1 stay at 0.
    std::size_t rest = i, source = 0, stride = 1;
    for (std::size_t d = 0; d < row.size(); ++d) {
      const auto extent = static_cast<std::size_t>(row[row.size() - 1 - d]);
      const std::size_t coordinate = rest % extent;
      rest /= extent;
      if (d < shape.size()) {
        const auto own = static_cast<std::size_t>(shape[shape.size() - 1 - d]);
        if (own != 1) source += coordinate * stride;
        stride *= own;
      }
    }
    out.data()[i] = tensor.data()[source];
  }
  return out;
}

base::AlignedFloats expand_channels(const Tensor& tensor, const Shape& row, std::size_t axis) {
  base::AlignedFloats out(element_count(row));
  if (tensor.size() == 1) {
    std::fill_n(out.data(), out.size(), tensor.data()[0]);
    return out;
  }
  std::size_t inner = 1;
  for (std::size_t d = axis + 1; d < row.size(); ++d) inner *= static_cast<std::size_t>(row[d]);
  for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = tensor.data()[i / inner % tensor.size()];
  return out;
}

}  // namespace lamina::plan
