// Network -> the same, each layer marked that may write where it reads.
// SPDX-License-Identifier: Apache-2.0
#include "pass/pass.hpp"

namespace lamina::pass {
namespace {

using namespace model;

/// Linear and GLU read a number after others have been written, Flatten and Reshape move nothing at all.
struct WorksInPlace {
  bool operator()(const Activation&) const { return true; }
  bool operator()(const PReLU&) const { return true; }
  bool operator()(const Softmax&) const { return true; }
  bool operator()(const BatchNorm&) const { return true; }
  bool operator()(const LayerNorm&) const { return true; }
  bool operator()(const Dropout&) const { return true; }
  bool operator()(const Identity&) const { return true; }
  bool operator()(const Affine&) const { return true; }
  bool operator()(const UnitNorm&) const { return true; }
  bool operator()(const Linear&) const { return false; }
  bool operator()(const Glu&) const { return false; }
  bool operator()(const Flatten&) const { return false; }
  bool operator()(const Reshape&) const { return false; }
  bool operator()(const Sequential&) const { return false; }
};

}  // namespace

Network mark_in_place(Network network) {
  for (Layer& layer : network.layers) layer.in_place = std::visit(WorksInPlace{}, layer.op);
  return network;
}

}  // namespace lamina::pass
