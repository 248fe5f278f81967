// Network as read -> flat Network, optimised: the passes in their order.
// SPDX-License-Identifier: Apache-2.0
#include "model/infer.hpp"
#include "pass/pass.hpp"

#include <array>
#include <utility>

namespace lamina::pass {
namespace {

// Each makes neighbours of what the next one looks for: a Dropout may stand between Linear and BatchNorm,
// a BatchNorm between Linear and activation.
constexpr std::array kPasses = {
    Pass{"drop_identity", drop_identity, false},
    Pass{"fold_batchnorm", fold_batchnorm, true},
    Pass{"fuse_activation", fuse_activation, false},
    Pass{"mark_in_place", mark_in_place, false},
};

}  // namespace

std::span<const Pass> passes() noexcept { return kPasses; }

model::Network run_passes(model::Network network, bool fuse) {
  network.layers = model::flatten(network);
  if (!fuse) return network;
  for (const Pass& pass : passes()) network = pass.run(std::move(network));
  return network;
}

}  // namespace lamina::pass
