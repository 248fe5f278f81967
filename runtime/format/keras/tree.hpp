// The groups of a Keras HDF5 file -> the datasets that are weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5.hpp"

#include <string>
#include <vector>

namespace lamina::format {

/// All datasets but what Keras keeps for training (optimizer, metrics) and for drawing at random (seed generators).
/// `skipped`: names of the members of the root that were left aside so.
[[nodiscard]] std::vector<Hdf5Object> weight_datasets(const Hdf5& file, std::vector<std::string>& skipped);

}  // namespace lamina::format
