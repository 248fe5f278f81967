// Architecture text and named shapes -> networks and tensors whose elements tell which tensor they came from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/architecture.hpp"
#include "format/bind.hpp"
#include "model/infer.hpp"
#include "support/failure.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lamina::test {

using Named = std::pair<std::string, Shape>;

/// The i-th tensor is filled with i.
inline std::vector<format::NamedTensor> tensors_of(const std::vector<Named>& shapes) {
  std::vector<format::NamedTensor> tensors;
  for (const auto& [name, shape] : shapes) {
    Tensor tensor(shape);
    for (float& value : tensor.mutable_values()) value = static_cast<float>(tensors.size());
    tensors.emplace_back(name, std::move(tensor));
  }
  return tensors;
}

/// weight and bias of a Linear under `stem`.
inline void add_linear(std::vector<Named>& shapes, const std::string& stem, std::int64_t in, std::int64_t out) {
  shapes.emplace_back(stem + ".weight", Shape{out, in});
  shapes.emplace_back(stem + ".bias", Shape{out});
}

inline std::vector<Named> linears(const std::vector<std::string>& stems, const std::vector<std::int64_t>& sizes) {
  std::vector<Named> shapes;
  for (std::size_t i = 0; i < stems.size(); ++i) add_linear(shapes, stems[i], sizes[i], sizes[i + 1]);
  return shapes;
}

struct Bound {
  std::string taken;  // "0.weight=fc1.weight 0.bias=fc1.bias"
  std::vector<std::string> notes;
};

inline Bound bind_text(const std::string& architecture, const std::vector<Named>& shapes, bool ordered = false,
                       const LoadOptions& options = {}) {
  const model::Network network =
      format::bind(format::parse_architecture(architecture, {}), tensors_of(shapes), ordered, options);
  Bound bound{.taken = {}, .notes = network.notes};
  const std::vector<model::Layer> layers = model::flatten(network);
  for (const model::Layer& layer : layers) {
    for (const model::ConstSlot& slot : model::weight_slots(layer)) {
      const std::string& name = shapes[static_cast<std::size_t>(slot.tensor->values()[0])].first;
      bound.taken += (bound.taken.empty() ? "" : " ") + layer.name + "." + slot.name + "=" + name;
    }
  }
  return bound;
}

inline std::string bind_failure(const std::string& architecture, const std::vector<Named>& shapes, bool ordered = false,
                                const LoadOptions& options = {}) {
  return failure([&] { (void)bind_text(architecture, shapes, ordered, options); });
}

}  // namespace lamina::test
