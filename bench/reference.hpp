// A chain and one row -> the exact answer in double, and how many inputs of each layer are exactly zero.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <vector>

namespace lamina::bench {

struct Reference {
  std::vector<double> outputs;
  std::vector<std::size_t> zeros;  ///< per layer: inputs that are exactly 0
};

/// Plain loops, so that nothing is shared with any peer.
[[nodiscard]] Reference run_reference(const Chain& chain, const float* x);

}  // namespace lamina::bench
