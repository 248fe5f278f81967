// Network -> the same, each Linear joined with the activation behind it.
// SPDX-License-Identifier: Apache-2.0
#include "model/infer.hpp"
#include "pass/absorb.hpp"
#include "pass/pass.hpp"

#include <utility>

namespace lamina::pass {
namespace {

/// A softmax that needs nothing but the outputs of one Linear: those over the last dimension.
bool over_last_dimension(const model::Layer& layer, const std::optional<Shape>& row) {
  const auto& softmax = std::get<model::Softmax>(layer.op);
  if (softmax.kind == model::SoftmaxKind::softmax2d || softmax.kind == model::SoftmaxKind::sparsemax) return false;
  if (softmax.dims.size() == 1 && softmax.dims[0] == -1) return true;  // for every rank
  if (!row) return false;
  const std::vector<int> axes = model::softmax_axes(layer, row->size());
  return axes.size() == 1 && axes[0] + 1 == static_cast<int>(row->size());
}

/// `row`: the shape between the two layers.
bool fits_epilogue(const model::Layer& linear, const model::Layer& next, const std::optional<Shape>& row) {
  if (!std::holds_alternative<model::Linear>(linear.op) || linear.epilogue) return false;
  if (std::holds_alternative<model::Activation>(next.op)) return true;
  return std::holds_alternative<model::Softmax>(next.op) && over_last_dimension(next, row);
}

}  // namespace

model::Network fuse_activation(model::Network network) {
  const auto shapes = model::output_shapes(network.layers, model::input_shape(network));
  std::vector<model::Layer> fused;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    model::Layer& layer = network.layers[i];
    if (i > 0 && fits_epilogue(fused.back(), layer, shapes[i - 1])) {
      fused.back().epilogue = layer.op;
      absorb_after(fused.back(), layer);
    } else {
      fused.push_back(std::move(layer));
    }
  }
  network.layers = std::move(fused);
  return network;
}

}  // namespace lamina::pass
