// A layer that a pass takes out -> a name that its neighbour carries on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"

namespace lamina::pass {

/// `gone` stood after `keeper`: its name, and those that it carries, go to the end of keeper's.
inline void absorb_after(model::Layer& keeper, const model::Layer& gone) {
  keeper.absorbed.push_back(gone.name);
  keeper.absorbed.insert(keeper.absorbed.end(), gone.absorbed.begin(), gone.absorbed.end());
}

/// `gone` stood before `keeper`: they go to the front.
inline void absorb_before(model::Layer& keeper, const model::Layer& gone) {
  keeper.absorbed.insert(keeper.absorbed.begin(), gone.absorbed.begin(), gone.absorbed.end());
  keeper.absorbed.insert(keeper.absorbed.begin(), gone.name);
}

}  // namespace lamina::pass
