// Network -> Network, in order: what can be said about a network before the machine is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

#include <span>
#include <string_view>

namespace lamina::pass {

/// A pass takes a flat network (no nested Sequential) whose shapes fit, and gives one that computes the same.
/// What a pass may do depends on the rank of a row, so input_shape must be the one that will be run: set it
/// beforehand where the caller knows it. Where it is unknown, a pass changes only what holds for every rank.
using PassFn = model::Network (*)(model::Network);

struct Pass {
  std::string_view name;  // a verb: "drop_identity"
  PassFn run;
  bool changes_bits;  // folding BatchNorm rounds differently; all others keep every bit
};

/// The ordered list, as data.
[[nodiscard]] std::span<const Pass> passes() noexcept;

/// `fuse` false: only what makes a network runnable (flattening).
[[nodiscard]] model::Network run_passes(model::Network network, bool fuse);

/// Takes out what does nothing at inference: Dropout of every kind, Identity, an Affine without parts.
[[nodiscard]] model::Network drop_identity(model::Network network);
/// A BatchNorm directly after or before a Linear becomes part of its weights, where a row is a vector.
[[nodiscard]] model::Network fold_batchnorm(model::Network network);
/// The Activation, or Softmax over the last dimension, directly after a Linear becomes its epilogue.
[[nodiscard]] model::Network fuse_activation(model::Network network);
/// Marks each layer that can overwrite its input: all that give one number per number.
[[nodiscard]] model::Network mark_in_place(model::Network network);

}  // namespace lamina::pass
