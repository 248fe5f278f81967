// A strided view of a storage within the file -> contiguous float32, read in pieces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/half.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>
#include <span>

namespace lamina::format {

/// Sizes and strides are not negative and stay within the storage: whoever makes one has checked it.
struct StridedView {
  base::FloatType type = base::FloatType::f32;
  std::uint64_t begin = 0;   // byte where element 0 of the storage lies
  std::uint64_t offset = 0;  // elements
  Shape sizes, strides;      // elements
};

/// True where two indices meet in one element by other means than a stride of 0.
[[nodiscard]] bool overlaps(const StridedView& view);

/// True where the elements lie one after the other in the order of the result.
[[nodiscard]] bool is_contiguous(const StridedView& view);

/// Row-major into `out`, which has as many elements as the view. Reads in the order of the storage, at most
/// 1 MiB at a time. Throws Error{truncated, io, dtype}.
void read_strided(const base::ByteSource& source, const StridedView& view, std::span<float> out);

}  // namespace lamina::format
