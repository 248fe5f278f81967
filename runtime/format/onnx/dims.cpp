// The dimensions of a node's inputs -> those of its output.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/dims.hpp"

#include "base/fail.hpp"
#include "format/onnx/attributes.hpp"
#include "format/onnx/constant.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace lamina::format::onnx {
namespace {

constexpr std::int64_t kUnknown = -1;

struct Inference {
  const Node& node;
  const InputFacts& facts;
  Attributes attributes;

  [[nodiscard]] std::optional<Shape> dims(std::size_t index) const { return facts.dims(node.input(index)); }
  [[nodiscard]] std::optional<std::vector<std::int64_t>> list(std::string_view attribute, std::size_t index) {
    if (attributes.has(attribute)) return attributes.integers(attribute);
    if (node.input(index) == kNone) return std::nullopt;
    return facts.values(node.input(index));
  }
};
using Infer = std::optional<Shape> (*)(Inference& f);

bool is_known(const Shape& dims) {
  return std::none_of(dims.begin(), dims.end(), [](std::int64_t size) { return size < 0; });
}

/// The product, kBatchSize where the batch is the only size that is not 1, else unknown.
std::int64_t product(const Shape& dims) {
  if (is_known(dims)) return static_cast<std::int64_t>(element_count(dims));
  const auto rest = std::count_if(dims.begin(), dims.end(), [](std::int64_t size) { return size != 1; });
  return rest == 1 && std::count(dims.begin(), dims.end(), kBatchSize) == 1 ? kBatchSize : kUnknown;
}

/// A Constant node that holds a tensor.
std::optional<Shape> constant(Inference& f) {
  const TensorProto* tensor = f.attributes.tensor("value");
  return tensor == nullptr ? std::nullopt : std::optional(tensor->dims);
}

std::optional<Shape> same(Inference& f) { return f.dims(0); }

/// Of all inputs. Sizes that are not known, the batch among them, win over 1 and lose against nothing else.
std::optional<Shape> broadcast_all(Inference& f) {
  Shape result;
  for (std::size_t i = 0; i < f.node.inputs.size(); ++i) {
    const std::optional<Shape> dims = f.dims(i);
    if (!dims) return std::nullopt;
    result = broadcast(result, *dims);
  }
  return result;
}

std::optional<Shape> matmul(Inference& f) {
  const std::optional<Shape> a = f.dims(0), b = f.dims(1);
  if (!a || !b || a->empty() || b->size() != 2) return std::nullopt;
  Shape result = *a;
  result.back() = b->back();
  return result;
}

std::optional<Shape> gemm(Inference& f) {
  const std::optional<Shape> a = f.dims(0), b = f.dims(1);
  if (!a || !b || a->size() != 2 || b->size() != 2) return std::nullopt;
  return Shape{a->front(), f.attributes.integer("transB", 0) != 0 ? b->front() : b->back()};
}

std::optional<Shape> flatten(Inference& f) {
  const std::optional<Shape> dims = f.dims(0);
  if (!dims) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(dims->size());
  std::int64_t axis = f.attributes.integer("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return std::nullopt;
  return Shape{product(Shape(dims->begin(), dims->begin() + axis)), product(Shape(dims->begin() + axis, dims->end()))};
}

/// What -1 stands for is computed only where the batch is in front on both sides.
std::optional<Shape> reshape(Inference& f) {
  const std::optional<Shape> dims = f.dims(0);
  std::optional<std::vector<std::int64_t>> target = f.list("shape", 1);
  if (!dims || !target) return std::nullopt;
  for (std::size_t i = 0; i < target->size(); ++i) {
    if ((*target)[i] == 0) (*target)[i] = i < dims->size() ? (*dims)[i] : kUnknown;
  }
  const auto open = std::find(target->begin(), target->end(), -1);
  if (open == target->end() || dims->empty() || dims->front() != kBatchSize) return target;
  const std::int64_t row = product(Shape(dims->begin() + 1, dims->end()));
  Shape others;
  for (auto entry = target->begin(); entry != target->end(); ++entry) {
    if (entry != open && *entry != kBatchSize) others.push_back(*entry);
  }
  const std::int64_t known = product(others);
  if (row <= 0 || known <= 0 || row % known != 0) return target;
  const bool has_batch = std::count(target->begin(), target->end(), kBatchSize) != 0;
  if (has_batch) *open = row / known;
  if (!has_batch && row == known) *open = kBatchSize;
  return target;
}

std::optional<Shape> squeeze(Inference& f) {
  const std::optional<Shape> dims = f.dims(0);
  const auto axes = f.list("axes", 1);
  return dims && axes ? std::optional(squeezed(*dims, *axes)) : std::nullopt;
}

std::optional<Shape> unsqueeze(Inference& f) {
  const std::optional<Shape> dims = f.dims(0);
  const auto axes = f.list("axes", 1);
  return dims && axes ? std::optional(unsqueezed(*dims, *axes)) : std::nullopt;
}

std::optional<Shape> transpose(Inference& f) {
  const std::optional<Shape> dims = f.dims(0);
  if (!dims) return std::nullopt;
  std::vector<std::int64_t> perm = f.attributes.integers("perm");
  if (perm.empty()) {
    perm.resize(dims->size());
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  Shape result;
  for (const std::int64_t axis : perm) result.push_back((*dims)[resolve_axis(axis, dims->size())]);
  return result;
}

std::optional<Shape> reduce(Inference& f) {
  std::optional<Shape> dims = f.dims(0);
  const auto axes = f.list("axes", 1);
  if (!dims || !axes || f.attributes.integer("keepdims", 1) == 0) return std::nullopt;
  for (const std::int64_t axis : *axes) (*dims)[resolve_axis(axis, dims->size())] = 1;
  return dims;
}

struct Row {
  std::string_view op;
  Infer infer;
};
constexpr std::array kRows = {
    Row{"Constant", constant},
    Row{"Add", broadcast_all},
    Row{"Sub", broadcast_all},
    Row{"Mul", broadcast_all},
    Row{"Div", broadcast_all},
    Row{"Pow", broadcast_all},
    Row{"Max", broadcast_all},
    Row{"Min", broadcast_all},
    Row{"Where", broadcast_all},
    Row{"Less", broadcast_all},
    Row{"Greater", broadcast_all},
    Row{"MatMul", matmul},
    Row{"Gemm", gemm},
    Row{"Flatten", flatten},
    Row{"Reshape", reshape},
    Row{"Squeeze", squeeze},
    Row{"Unsqueeze", unsqueeze},
    Row{"Transpose", transpose},
    Row{"ReduceMean", reduce},
    Row{"ReduceMax", reduce},
    Row{"ReduceSum", reduce},
    Row{"Identity", same},
    Row{"Cast", same},
    Row{"CastLike", same},
    Row{"Dropout", same},
    Row{"BatchNormalization", same},
    Row{"LayerNormalization", same},
    Row{"Softmax", same},
    Row{"LogSoftmax", same},
    Row{"Relu", same},
    Row{"Sigmoid", same},
    Row{"Tanh", same},
    Row{"Exp", same},
    Row{"Log", same},
    Row{"Sqrt", same},
    Row{"Reciprocal", same},
    Row{"Erf", same},
    Row{"Abs", same},
    Row{"Neg", same},
    Row{"Softplus", same},
    Row{"Softsign", same},
    Row{"LeakyRelu", same},
    Row{"Elu", same},
    Row{"Selu", same},
    Row{"Celu", same},
    Row{"HardSigmoid", same},
    Row{"HardSwish", same},
    Row{"Gelu", same},
    Row{"Mish", same},
    Row{"Clip", same},
    Row{"PRelu", same},
    Row{"ThresholdedRelu", same},
    Row{"Swish", same},
};

}  // namespace

std::optional<Shape> infer_dims(const Node& node, const InputFacts& facts) {
  if (!is_default_domain(node.proto->domain)) return std::nullopt;
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.op == node.op(); });
  if (row == kRows.end()) return std::nullopt;
  try {
    Inference inference{node, facts, Attributes(node)};
    return row->infer(inference);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace lamina::format::onnx
