// An HDF5 dataspace message -> the shape of a dataset or attribute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/cursor.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>

namespace lamina::format::hdf5 {

struct Dataspace {
  Shape shape;                 // empty for a scalar
  std::uint64_t elements = 0;  // 0 also for a null dataspace, which has no shape
  bool null = false;
};

/// Throws Error{malformed, unsupported_feature}, Error{limit_exceeded} beyond rank 8, dimensions of 2^31 - 1 and 2^40
/// elements.
[[nodiscard]] Dataspace parse_dataspace(Cursor cursor);

}  // namespace lamina::format::hdf5
