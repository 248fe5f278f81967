// Elements of an HDF5 dataset, as they are stored -> float32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/hdf5/datatype.hpp"

#include <cstdint>
#include <span>

namespace lamina::format::hdf5 {

/// `type`: an integer or a float, out.size() of which lie at `offset`. Throws Error{dtype} for a float64 beyond
/// float32.
void read_elements(const base::ByteSource& source, std::uint64_t offset, const Datatype& type, std::span<float> out);

}  // namespace lamina::format::hdf5
