// The header of an HDF5 dataset -> its shape, and its elements as float32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/datatype.hpp"
#include "format/container/hdf5/layout.hpp"
#include "format/container/hdf5/object_header.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>

namespace lamina::format::hdf5 {

[[nodiscard]] bool is_dataset(const ObjectHeader& header);

/// Throws Error{malformed, unsupported_feature, limit_exceeded}.
[[nodiscard]] Shape read_shape(const ObjectHeader& header);

/// Everything about a dataset that can be known before its elements are read, checked.
struct Dataset {
  Shape shape;
  std::uint64_t elements = 0;
  Datatype type;
  Layout layout;
};

/// Throws Error{unsafe_content} for external storage, Error{unsupported_feature} for filters and chunks, with hints,
/// Error{malformed, dtype, limit_exceeded}.
[[nodiscard]] Dataset parse_dataset(const ObjectHeader& header);

}  // namespace lamina::format::hdf5
