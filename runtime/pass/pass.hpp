// Network -> Network, in order: what can be said about a network before the machine is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "model/network.hpp"

namespace lamina::pass {

/// A pass takes a flat network (no nested Sequential) whose shapes fit, and gives one that computes the same.
using PassFn = model::Network (*)(model::Network);

struct Pass {
  std::string_view name;  // a verb: "drop_identity"
  PassFn run;
  bool changes_bits;      // folding BatchNorm rounds differently; all others keep every bit
};

/// The ordered list, as data.
[[nodiscard]] std::span<const Pass> passes() noexcept;

/// `fuse` false: only what makes a network runnable (flattening).
[[nodiscard]] model::Network run_passes(model::Network network, bool fuse);

model::Network drop_identity(model::Network network);
model::Network fold_batchnorm(model::Network network);
model::Network fuse_activation(model::Network network);
model::Network mark_in_place(model::Network network);

}  // namespace lamina::pass
