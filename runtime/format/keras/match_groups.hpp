// The layers of a config and the groups of its model.weights.h5 -> pairs for an assignment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/keras/assignment.hpp"
#include "format/keras/groups.hpp"

namespace lamina::format {

/// Each layer takes the group of its class and number; where the file has the groups under other numbers, but as many
/// as layers, they are taken in order. What does not fit becomes a problem of the assignment.
void match_groups(const Hdf5& file, KerasNetwork& network, KerasAssignment& assignment);

}  // namespace lamina::format
