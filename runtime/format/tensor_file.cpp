// Network -> its weights as named tensors.
// SPDX-License-Identifier: Apache-2.0
#include "format/tensor_file.hpp"

#include "base/fail.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"

namespace lamina::format {

std::vector<NamedTensor> state_of(const model::Network& network) {
  std::vector<NamedTensor> state;
  const std::vector<model::Layer> layers = model::flatten(network);
  for (const model::Layer& layer : layers) {
    for (const model::ConstSlot& slot : model::weight_slots(layer)) {
      if (slot.tensor->empty()) base::fail(Errc::missing_weight, model::place(layer), slot.name + " has no values");
      state.emplace_back(layer.name.empty() ? slot.name : layer.name + "." + slot.name, *slot.tensor);
    }
  }
  return state;
}

}  // namespace lamina::format
