// Layer -> the tensors that it takes: name, shape and place, in PyTorch's order.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "model/infer.hpp"

#include <type_traits>

namespace lamina::model {
namespace {

/// Collects the slots of any alternative of Op; S is Slot or ConstSlot, by the layer's constness.
template <class S>
struct Collect {
  std::vector<S> slots;

  template <class L, class T>
  void weight_and_bias(L& layer, const Shape& shape, T& weight, T& bias) {
    if (layer.has_weight) slots.push_back({"weight", shape, &weight});
    if (layer.has_bias) slots.push_back({"bias", shape, &bias});
  }

  template <class Op>
  void operator()(Op& op) {
    using L = std::remove_const_t<Op>;
    if constexpr (std::is_same_v<L, Linear>) {
      slots.push_back({"weight", {op.out_features, op.in_features}, &op.weight});
      if (op.has_bias) slots.push_back({"bias", {op.out_features}, &op.bias});
    } else if constexpr (std::is_same_v<L, PReLU>) {
      slots.push_back({"weight", op.per_position ? op.alpha_shape : Shape{op.num_parameters}, &op.weight});
    } else if constexpr (std::is_same_v<L, BatchNorm>) {
      weight_and_bias(op, {op.num_features}, op.weight, op.bias);
      slots.push_back({"running_mean", {op.num_features}, &op.running_mean});
      slots.push_back({"running_var", {op.num_features}, &op.running_var});
    } else if constexpr (std::is_same_v<L, LayerNorm>) {
      weight_and_bias(op, op.normalized_shape, op.weight, op.bias);
    } else if constexpr (std::is_same_v<L, Affine>) {
      // No parameters say their shapes: what is there is what the layer takes.
      if (!op.shift.empty()) slots.push_back({"shift", op.shift.shape(), &op.shift});
      if (!op.scale.empty()) slots.push_back({"scale", op.scale.shape(), &op.scale});
      if (!op.offset.empty()) slots.push_back({"offset", op.offset.shape(), &op.offset});
    }
  }
};

template <class S, class L>
std::vector<S> collect(L& layer) {
  Collect<S> collector;
  std::visit(collector, layer.op);
  return std::move(collector.slots);
}

}  // namespace

std::vector<Slot> weight_slots(Layer& layer) { return collect<Slot>(layer); }

std::vector<ConstSlot> weight_slots(const Layer& layer) { return collect<ConstSlot>(layer); }

std::uint64_t parameter_count(const Layer& layer) {
  base::CheckedU64 count = 0;
  if (const auto* nested = std::get_if<Sequential>(&layer.op)) {
    for (const Layer& inner : nested->layers) count = count + parameter_count(inner);
  }
  for (const ConstSlot& slot : weight_slots(layer)) count = count + element_count(slot.shape);
  return count.value();
}

}  // namespace lamina::model
