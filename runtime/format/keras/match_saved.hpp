// The layers of a config and those of a legacy .h5 -> pairs for an assignment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/keras/assignment.hpp"
#include "format/keras/saved_layers.hpp"

namespace lamina::format {

/// Layers by name. Within one, arrays by name, or in Keras's order (trainable ones first) where their names are not
/// those of today's Keras. What does not fit becomes a problem of the assignment.
void match_saved(const Hdf5& file, const std::vector<SavedLayer>& saved, KerasNetwork& network,
                 KerasAssignment& assignment);

}  // namespace lamina::format
