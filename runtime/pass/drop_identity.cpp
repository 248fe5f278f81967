// Network -> the same without the layers that do nothing at inference.
// SPDX-License-Identifier: Apache-2.0
#include "pass/absorb.hpp"
#include "pass/pass.hpp"

#include <utility>

namespace lamina::pass {
namespace {

bool is_identity(const model::Op& op) {
  if (const auto* affine = std::get_if<model::Affine>(&op)) {
    return affine->shift.empty() && affine->scale.empty() && affine->offset.empty();
  }
  return std::holds_alternative<model::Dropout>(op) || std::holds_alternative<model::Identity>(op);
}

}  // namespace

model::Network drop_identity(model::Network network) {
  std::vector<model::Layer> kept;
  std::vector<model::Layer> leading;  // dropped before there was a layer to tell
  for (model::Layer& layer : network.layers) {
    if (!is_identity(layer.op)) {
      kept.push_back(std::move(layer));
    } else if (kept.empty()) {
      leading.push_back(std::move(layer));
    } else {
      absorb_after(kept.back(), layer);
    }
  }
  if (!kept.empty()) {
    for (auto gone = leading.rbegin(); gone != leading.rend(); ++gone) absorb_before(kept.front(), *gone);
  }
  network.layers = std::move(kept);
  return network;
}

}  // namespace lamina::pass
