// Dimensions before an operator -> dimensions after it, for constants and for values that depend on the input.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>

namespace lamina::format::onnx {

using base::fail;

std::size_t resolve_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    fail(Errc::malformed, "axis", "dimension", std::to_string(-size) + " to " + std::to_string(size - 1),
         std::to_string(axis));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Shape reshaped(const Shape& dims, const std::vector<std::int64_t>& target, bool allow_zero) {
  Shape result = target;
  if (std::count(target.begin(), target.end(), -1) > 1) fail(Errc::malformed, "target shape", "has two times -1");
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && !allow_zero) {
      if (i >= dims.size()) fail(Errc::malformed, "target shape", "copies a dimension that is not there");
      result[i] = dims[i];
    } else if (result[i] < -1) {
      fail(Errc::malformed, "target shape", "size", "-1 or more", std::to_string(result[i]));
    }
  }
  const std::size_t elements = element_count(dims);
  const auto open = std::find(result.begin(), result.end(), -1);
  if (open != result.end()) {
    *open = 1;
    const std::size_t known = element_count(result);
    *open = known == 0 ? 0 : static_cast<std::int64_t>(elements / known);
  }
  if (element_count(result) != elements) {
    fail(Errc::shape_mismatch, "target shape", "elements", to_string(dims), to_string(target));
  }
  return result;
}

Shape squeezed(const Shape& dims, const std::vector<std::int64_t>& axes) {
  std::vector<bool> drop(dims.size());
  for (const std::int64_t axis : axes) drop[resolve_axis(axis, dims.size())] = true;
  Shape result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (axes.empty() ? dims[i] == 1 : static_cast<bool>(drop[i])) {
      if (dims[i] != 1) fail(Errc::shape_mismatch, "axes", "size", "1", std::to_string(dims[i]));
    } else {
      result.push_back(dims[i]);
    }
  }
  return result;
}

Shape unsqueezed(const Shape& dims, const std::vector<std::int64_t>& axes) {
  const std::size_t rank = dims.size() + axes.size();
  std::vector<bool> added(rank);
  for (const std::int64_t axis : axes) {
    const std::size_t at = resolve_axis(axis, rank);
    if (added[at]) fail(Errc::malformed, "axes", "name a dimension twice");
    added[at] = true;
  }
  Shape result;
  auto next = dims.begin();
  for (std::size_t i = 0; i < rank; ++i) result.push_back(added[i] ? 1 : *next++);
  return result;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      fail(Errc::shape_mismatch, "inputs", "shapes that broadcast", to_string(a), to_string(b));
    }
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

const Constant& Foldable::input(std::size_t index) const {
  const Constant* constant = optional_input(index);
  if (constant == nullptr) fail(Errc::malformed, "input " + std::to_string(index), "is missing");
  return *constant;
}

std::vector<std::int64_t> Foldable::axes() {
  if (attributes.has("axes")) return attributes.integers("axes");
  const Constant* given = optional_input(1);
  return given == nullptr ? std::vector<std::int64_t>() : given->integers;
}

}  // namespace lamina::format::onnx
