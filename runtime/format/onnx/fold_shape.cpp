// Operators that move constant elements about: Reshape, Transpose, Concat, Gather, Slice, ...
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "base/fail.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lamina::format::onnx {
namespace {

using base::fail;

/// The same elements under other dimensions.
Constant with_dims(const Constant& constant, Shape dims) {
  Constant result = constant;
  result.dims = std::move(dims);
  if (result.is_float()) result.floats = result.floats.reshaped(result.dims);
  return result;
}

/// Elements picked by their index: result[i] = constant[index(i)].
template <class Index>
Constant pick(const Foldable& f, const Constant& constant, Shape dims, Index index) {
  const std::size_t count = element_count(dims);
  f.reader.count(count);
  Constant result{.type = constant.type, .dims = std::move(dims), .integers = {}};
  if (constant.is_float()) {
    result.floats = Tensor(result.dims);
    const std::span<float> out = result.floats.mutable_values();
    for (std::size_t i = 0; i < count; ++i) out[i] = constant.floats.data()[index(i)];
  } else {
    result.integers.resize(count);
    for (std::size_t i = 0; i < count; ++i) result.integers[i] = constant.integers[index(i)];
  }
  return result;
}

/// Elements per step of each dimension.
std::vector<std::size_t> strides_of(const Shape& dims) {
  std::vector<std::size_t> strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(dims[i]);
  return strides;
}

Constant constant_node(Foldable& f) {
  if (const TensorProto* tensor = f.attributes.tensor("value")) return f.reader.read(*tensor);
  if (f.attributes.has("value_float")) {
    const auto value = static_cast<float>(f.attributes.number("value_float", 0));
    return {.type = DataType::float32, .dims = {}, .floats = Tensor(Shape{}, {value}), .integers = {}};
  }
  if (f.attributes.has("value_int")) {
    return {.type = DataType::int64, .dims = {}, .integers = {f.attributes.integer("value_int", 0)}};
  }
  if (f.attributes.has("value_floats")) {
    const std::vector<float> values = f.attributes.floats("value_floats");
    const Shape dims = {static_cast<std::int64_t>(values.size())};
    return {.type = DataType::float32, .dims = dims, .floats = Tensor(dims, values), .integers = {}};
  }
  std::vector<std::int64_t> values = f.attributes.integers("value_ints");
  const Shape dims = {static_cast<std::int64_t>(values.size())};
  return {.type = DataType::int64, .dims = dims, .integers = std::move(values)};
}

Constant constant_of_shape(Foldable& f) {
  const Shape dims = f.input(0).integers;
  Constant value{.type = DataType::float32, .dims = {1}, .floats = Tensor(Shape{1}), .integers = {}};
  if (const TensorProto* tensor = f.attributes.tensor("value")) value = f.reader.read(*tensor);
  if (value.size() != 1) fail(Errc::malformed, "attribute 'value'", "expected one element");
  return pick(f, value, dims, [](std::size_t) { return std::size_t{0}; });
}

Constant identity(Foldable& f) { return f.input(0); }

Constant reshape(Foldable& f) {
  const bool old = f.attributes.has("shape");
  const std::vector<std::int64_t> target = old ? f.attributes.integers("shape") : f.input(1).integers;
  return with_dims(f.input(0), reshaped(f.input(0).dims, target, f.attributes.integer("allowzero", 0) != 0));
}

Constant squeeze(Foldable& f) { return with_dims(f.input(0), squeezed(f.input(0).dims, f.axes())); }
Constant unsqueeze(Foldable& f) { return with_dims(f.input(0), unsqueezed(f.input(0).dims, f.axes())); }

Constant flatten(Foldable& f) {
  const Shape& dims = f.input(0).dims;
  std::int64_t axis = f.attributes.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(dims.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) fail(Errc::malformed, "attribute 'axis'", "is beyond the rank");
  const Shape head(dims.begin(), dims.begin() + axis), tail(dims.begin() + axis, dims.end());
  return with_dims(f.input(0),
                   {static_cast<std::int64_t>(element_count(head)), static_cast<std::int64_t>(element_count(tail))});
}

Constant transpose(Foldable& f) {
  const Constant& input = f.input(0);
  std::vector<std::int64_t> perm = f.attributes.integers("perm");
  if (perm.empty()) {
    perm.resize(input.dims.size());
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  std::vector<bool> seen(input.dims.size());
  if (perm.size() != seen.size()) fail(Errc::malformed, "attribute 'perm'", "has not the input's rank");
  Shape dims;
  std::vector<std::size_t> strides;
  const std::vector<std::size_t> from = strides_of(input.dims);
  for (const std::int64_t axis : perm) {
    const std::size_t at = resolve_axis(axis, seen.size());
    if (seen[at]) fail(Errc::malformed, "attribute 'perm'", "names a dimension twice");
    seen[at] = true;
    dims.push_back(input.dims[at]);
    strides.push_back(from[at]);
  }
  const std::vector<std::size_t> to = strides_of(dims);
  return pick(f, input, dims, [&](std::size_t i) {
    std::size_t index = 0;
    for (std::size_t d = 0; d < to.size(); ++d) {
      index += i / to[d] * strides[d];
      i %= to[d];
    }
    return index;
  });
}

/// All inputs have the type and, but along the axis, the dimensions of the first.
Constant concat(Foldable& f) {
  const Constant& first = f.input(0);
  const std::size_t axis = resolve_axis(f.attributes.integer("axis", 1), first.dims.size());
  Shape dims = first.dims;
  dims[axis] = 0;
  for (std::size_t i = 0; i < f.inputs.size(); ++i) {
    Shape other = f.input(i).dims;
    if (other.size() != dims.size() || f.input(i).is_float() != first.is_float()) {
      fail(Errc::malformed, "inputs", "differ in rank or type");
    }
    base::CheckedU64 size = base::CheckedU64(static_cast<std::uint64_t>(dims[axis])) +
                            static_cast<std::uint64_t>(std::exchange(other[axis], dims[axis]));
    if (other != dims) fail(Errc::shape_mismatch, "inputs", "differ in a dimension that is not joined");
    dims[axis] = static_cast<std::int64_t>(size.value());
  }
  f.reader.count(element_count(dims));
  Constant result{.type = first.type, .dims = dims, .integers = {}};
  if (first.is_float()) result.floats = Tensor(dims);
  const std::span<float> floats = first.is_float() ? result.floats.mutable_values() : std::span<float>();
  const std::size_t outer = element_count(Shape(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis)));
  std::size_t done = 0;
  // Without elements there may be any number of outer steps, all of them empty.
  for (std::size_t o = 0; o < outer && element_count(dims) != 0; ++o) {
    for (std::size_t i = 0; i < f.inputs.size(); ++i) {
      const Constant& part = f.input(i);
      const std::size_t run = part.size() / outer;
      for (std::size_t k = o * run; k < (o + 1) * run; ++k) {
        if (first.is_float()) {
          floats[done++] = part.floats.data()[k];
        } else {
          result.integers.push_back(part.integers[k]);
        }
      }
    }
  }
  return result;
}

/// Of a list, the only use that the computation of a shape makes of it.
Constant gather(Foldable& f) {
  const Constant &data = f.input(0), &indices = f.input(1);
  if (data.dims.size() != 1 || resolve_axis(f.attributes.integer("axis", 0), 1) != 0 || indices.is_float()) {
    fail(Errc::unsupported_feature, "of anything but a list");
  }
  std::vector<std::size_t> at;
  for (const std::int64_t index : indices.integers) at.push_back(resolve_axis(index, data.size()));
  return pick(f, data, indices.dims, [&](std::size_t i) { return at[i]; });
}

std::int64_t only(const Constant* constant, std::int64_t absent) {
  if (constant == nullptr) return absent;
  if (constant->integers.size() != 1) fail(Errc::unsupported_feature, "of several dimensions");
  if (constant->integers[0] == kBatchSize) fail(Errc::unsupported_feature, "computes with the size of the batch");
  return constant->integers[0];
}

/// Of a list, forwards.
Constant slice(Foldable& f) {
  const Constant& data = f.input(0);
  const auto size = static_cast<std::int64_t>(data.size());
  const auto first_of = [&](std::string_view name, std::int64_t absent) {
    const std::vector<std::int64_t> values = f.attributes.integers(name);
    if (values.size() > 1) fail(Errc::unsupported_feature, "of several dimensions");
    return values.empty() ? absent : values[0];
  };
  const bool old = f.attributes.has("starts");
  const std::int64_t axis = old ? first_of("axes", 0) : only(f.optional_input(3), 0);
  const std::int64_t step = old ? 1 : only(f.optional_input(4), 1);
  if (data.dims.size() != 1 || resolve_axis(axis, 1) != 0 || step != 1) {
    fail(Errc::unsupported_feature, "of anything but a list, or backwards");
  }
  const auto clamp = [&](std::int64_t at) { return std::clamp(at < 0 ? at + size : at, std::int64_t{0}, size); };
  const std::int64_t begin = clamp(old ? first_of("starts", 0) : only(&f.input(1), 0));
  const std::int64_t end = std::max(begin, clamp(old ? first_of("ends", 0) : only(&f.input(2), 0)));
  return pick(f, data, {end - begin}, [&](std::size_t i) { return static_cast<std::size_t>(begin) + i; });
}

Constant shape_of(Foldable& f) {
  Constant result{.type = DataType::int64, .dims = {}, .integers = f.input(0).dims};
  result.dims = {static_cast<std::int64_t>(result.integers.size())};
  return result;
}

Constant size_of(Foldable& f) {
  return {.type = DataType::int64, .dims = {}, .integers = {static_cast<std::int64_t>(f.input(0).size())}};
}

struct Row {
  std::string_view op;
  Fold fold;
};
constexpr std::array kRows = {
    Row{"Constant", constant_node},
    Row{"ConstantOfShape", constant_of_shape},
    Row{"Identity", identity},
    Row{"Reshape", reshape},
    Row{"Squeeze", squeeze},
    Row{"Unsqueeze", unsqueeze},
    Row{"Flatten", flatten},
    Row{"Transpose", transpose},
    Row{"Concat", concat},
    Row{"Gather", gather},
    Row{"Slice", slice},
    Row{"Shape", shape_of},
    Row{"Size", size_of},
};

}  // namespace

Fold find_shape_fold(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->fold;
}

}  // namespace lamina::format::onnx
