// Operators that keep each number: other shapes, and what is the identity at inference.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/fold.hpp"
#include "format/onnx/operators.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::int64_t kUnknown = -1;

/// The row that has `rest` behind dimension 0; what the row has more goes into dimension 0.
RowView with_rest(const RowView& view, Shape rest) {
  const auto size = static_cast<std::int64_t>(element_count(view.row));
  const auto known = static_cast<std::int64_t>(element_count(rest));
  if (known == 0 || size % known != 0) {
    fail(Errc::shape_mismatch, "target shape", "a part of each row of " + std::to_string(size) + " numbers",
         to_string(rest), "one that cuts across rows");
  }
  RowView result = view;
  result.row = std::move(rest);
  result.joined = size == known ? 0 : 1;
  if (result.joined != 0) result.row.insert(result.row.begin(), size / known);
  return result;
}

bool is_known(const Shape& shape) {
  return std::none_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; });
}

/// [..., -1, ...] behind dimension 0 that holds whole rows.
Shape fill_open(const RowView& view, Shape rest) {
  const auto open = std::find(rest.begin(), rest.end(), -1);
  if (open == rest.end()) return rest;
  *open = 1;
  const auto size = static_cast<std::int64_t>(element_count(view.row));
  const auto known = static_cast<std::int64_t>(element_count(rest));
  if (known == 0 || size % known != 0) {
    fail(Errc::shape_mismatch, "target shape", "row", "as many numbers as " + to_string(view.row), to_string(rest));
  }
  *open = size / known;
  return rest;
}

/// Flat rows where the sizes are not known: Flatten does it all the same.
RowView flat(RowView view) {
  view.row = {is_known(view.row) ? static_cast<std::int64_t>(element_count(view.row)) : kUnknown};
  view.joined = 0;
  return view;
}

void flatten(Conversion& c) {
  RowView view = c.builder.view();
  const std::int64_t axis = c.attributes.integer("axis", 1);
  if (axis == 1 && !view.knows_rank) return c.builder.add(model::Flatten{});
  view.require_rank();
  const auto rank = static_cast<std::int64_t>(view.rank());
  const std::int64_t at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at > rank) fail(Errc::malformed, "attribute 'axis'", "is beyond the rank");
  if (!view.has_batch) {
    if (at != 0) fail(Errc::unsupported_feature, "of an input without batch, but at axis 0");
    view.has_batch = true;
    return c.builder.reshape(flat(view));
  }
  if (at == 0) fail(Errc::unsupported_feature, "axis=0 joins the rows of the batch");
  if (at == 1) return c.builder.reshape(view.joined == 0 ? flat(view) : with_rest(view, view.known_from(1)));
  Shape rest(view.row.end() - (rank - at), view.row.end());
  if (!is_known(view.row)) fail(Errc::unsupported_feature, "of dimensions whose sizes the file does not give");
  c.builder.reshape(with_rest(view, {static_cast<std::int64_t>(element_count(rest))}));
}

/// The target's first entry is the batch where it is -1, 0, what Shape said, or the size that the file has fixed.
bool leads_with_batch(const RowView& view, std::int64_t first, bool is_rest_open) {
  if (first == kBatchSize || first == 0) return true;
  if (first == -1) return true;
  return view.batch_size > 0 && (first == view.batch_size || (!is_rest_open && first % view.batch_size == 0));
}

/// Rows of dimension 0 that one row of the batch makes.
std::int64_t joined_size(const RowView& view) {
  const Shape front(view.row.begin(), view.row.begin() + static_cast<std::ptrdiff_t>(view.joined));
  return static_cast<std::int64_t>(element_count(front));
}

/// The target's first entry must be the dimension 0 that its other entries leave.
void require_first_entry(std::int64_t first, const RowView& before, const RowView& after) {
  const std::int64_t size = joined_size(after);
  const bool fits = first == -1 || (first == kBatchSize && size == 1) || (first == 0 && size == joined_size(before)) ||
                    (first > 0 && size > 0 && first % size == 0 && first / size == after.batch_size);
  if (fits) return;
  fail(Errc::shape_mismatch, "target shape",
       "its first entry is not the number of rows that the others leave, " + std::to_string(size) + " per row");
}

void reshape(Conversion& c) {
  c.require_first();
  const std::int64_t allow_zero = c.attributes.integer("allowzero", 0);
  const auto given = c.integers("shape", 1);
  if (!given) fail(Errc::malformed, "target shape", "is missing");
  Shape target = *given;
  RowView view = c.builder.view();
  view.require_rank();
  if (target.empty()) fail(Errc::unsupported_feature, "joins the rows of the batch into a single number");
  for (std::size_t i = 1; i < target.size(); ++i) {
    if (target[i] == 0 && allow_zero == 0 && i < view.rank())
      target[i] = view.row[*view.row_index(static_cast<std::int64_t>(i))];
  }
  if (std::any_of(target.begin() + 1, target.end(), [](std::int64_t size) { return size < -1 || size == 0; })) {
    fail(Errc::unsupported_feature, "target shape " + to_string(target));
  }
  Shape rest(target.begin() + 1, target.end());
  const bool open = std::find(rest.begin(), rest.end(), -1) != rest.end();
  if (!is_known(view.row)) {
    if (rest.size() == 1 && leads_with_batch(view, target[0], open) && (open || target[0] != -1)) {
      view = flat(view);
      if (!open) view.row = rest;
      return c.builder.reshape(view);
    }
    fail(Errc::unsupported_feature, "of dimensions whose sizes the file does not give");
  }
  if (!view.has_batch) {
    // One row without a batch: a first entry of 1 or -1 makes one where the rest holds the row.
    if (target.size() == 1) {
      view.row = reshaped(view.row, target, allow_zero != 0);
      return c.builder.reshape(view);
    }
    view.has_batch = true;
    view.batch_size = 1;
    view.joined = std::min<std::size_t>(view.row.size(), 1);
  }
  if (!leads_with_batch(view, target[0], open)) {
    fail(Errc::unsupported_feature, "target shape " + to_string(target), "joins or cuts the rows of the batch");
  }
  RowView result = with_rest(view, open ? fill_open(view, std::move(rest)) : std::move(rest));
  require_first_entry(target[0], view, result);
  c.builder.reshape(std::move(result));
}

/// Axes of the result (unsqueeze) or of the input; the batch stays in front.
Shape row_axes(const std::vector<std::int64_t>& axes, std::size_t rank, bool has_batch, const std::string& what) {
  Shape result;
  for (const std::int64_t axis : axes) {
    const std::size_t at = resolve_axis(axis, rank);
    if (has_batch && at == 0) fail(Errc::unsupported_feature, what);
    result.push_back(static_cast<std::int64_t>(at) - (has_batch ? 1 : 0));
  }
  return result;
}

RowView plain_view(Conversion& c) {
  RowView view = c.builder.view();
  view.require_rank();
  if (view.joined != 0) fail(Errc::unsupported_feature, "of a batch joined with a dimension of the row");
  return view;
}

void unsqueeze(Conversion& c) {
  c.require_first();
  RowView view = plain_view(c);
  const auto axes = c.integers("axes", 1);
  if (!axes) fail(Errc::malformed, "axes", "are missing");
  if (!view.has_batch && std::count(axes->begin(), axes->end(), 0) == 1) {
    // A vector becomes a batch of one row.
    view.row = unsqueezed(view.row, *axes);
    view.row.erase(view.row.begin());
    view.has_batch = true;
    view.batch_size = 1;
    return c.builder.reshape(view);
  }
  view.row = unsqueezed(view.row, row_axes(*axes, view.rank() + axes->size(), view.has_batch,
                                           "a dimension before the batch: a row's answer would depend on others"));
  c.builder.reshape(view);
}

void squeeze(Conversion& c) {
  c.require_first();
  RowView view = plain_view(c);
  const auto axes = c.integers("axes", 1);
  if (!axes) {
    if (view.batch_size == 1) fail(Errc::unsupported_feature, "without axes would drop the batch too");
    view.row = squeezed(view.row, {});
    return c.builder.reshape(view);
  }
  if (view.has_batch && view.batch_size == 1 && *axes == std::vector<std::int64_t>{0}) {
    view.has_batch = false;
    return c.builder.reshape(view);
  }
  view.row = squeezed(view.row, row_axes(*axes, view.rank(), view.has_batch, "drops the batch"));
  c.builder.reshape(view);
}

/// Moves no number where all dimensions but those of size 1 keep their order.
void transpose(Conversion& c) {
  RowView view = plain_view(c);
  std::vector<std::int64_t> perm = c.attributes.integers("perm");
  if (perm.empty()) {
    perm.resize(view.rank());
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  if (perm.size() != view.rank()) fail(Errc::malformed, "attribute 'perm'", "has not the input's rank");
  Shape row;
  std::vector<bool> seen(perm.size());
  std::size_t last = 0;
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const std::size_t axis = resolve_axis(perm[i], perm.size());
    if (seen[axis]) fail(Errc::malformed, "attribute 'perm'", "names a dimension twice");
    seen[axis] = true;
    const std::optional<std::size_t> index = view.row_index(static_cast<std::int64_t>(axis));
    const bool is_one = index && view.row[*index] == 1;
    if ((!is_one && axis < last) || (!index && i != 0)) {
      fail(Errc::unsupported_feature, "changes the order of the numbers in a row, or moves the batch");
    }
    if (!is_one) last = axis;
    if (index) row.push_back(view.row[*index]);
  }
  view.row = std::move(row);
  c.builder.reshape(view);
}

void identity(Conversion&) {}

/// A cast between float types: lamina computes in float32 throughout.
void cast(Conversion& c) {
  c.require_first();
  c.attributes.ignore("saturate");
  c.attributes.ignore("round_mode");
  const std::int64_t to = c.attributes.integer("to", 0);
  if (to < 0 || to > 255 || !is_float(static_cast<DataType>(to))) {
    fail(Errc::unsupported_feature, "cast", "to a float type", "of the value",
         type_name(static_cast<DataType>(to & 255)));
  }
}

void cast_like(Conversion& c) {
  c.attributes.ignore("saturate");
  c.attributes.ignore("round_mode");
  if (c.has_input(1) && c.values.is_constant(c.node.input(1))) (void)c.floats(1);
}

void concat(Conversion& c) {
  (void)c.attributes.integer("axis", 1);
  if (c.node.inputs.size() != 1) fail(Errc::unsupported_feature, "joins the value with constants");
}

void sum(Conversion& c) {
  c.attributes.ignore("consumed_inputs");
  if (c.node.inputs.size() > 2) fail(Errc::unsupported_feature, "of more than two values");
  if (c.node.inputs.size() == 2) c.builder.add_affine(Arithmetic::add, c.floats(1 - c.dynamic));
}

void dropout(Conversion& c) {
  c.require_first();
  c.attributes.ignore("seed");
  c.attributes.ignore("consumed_inputs");
  double ratio = c.attributes.number("ratio", 0.5);
  if (c.has_input(1)) ratio = shortest(static_cast<float>(c.floats(1).scalar().value_or(0.5)));
  const bool trains = c.has_input(2) && c.constant(2).scalar().value_or(1) != 0;
  if (trains || (c.opset() < 7 && c.attributes.integer("is_test", 0) == 0)) {
    fail(Errc::unsupported_feature, "drops at random, as in training: export the model in evaluation mode");
  }
  c.builder.add_elementwise(model::Dropout{.p = ratio});
}

constexpr std::array kRows = {
    OperatorRow{"Flatten", flatten}, OperatorRow{"Reshape", reshape},     OperatorRow{"Unsqueeze", unsqueeze},
    OperatorRow{"Squeeze", squeeze}, OperatorRow{"Transpose", transpose}, OperatorRow{"Identity", identity},
    OperatorRow{"Cast", cast},       OperatorRow{"CastLike", cast_like},  OperatorRow{"Concat", concat},
    OperatorRow{"Sum", sum},         OperatorRow{"Dropout", dropout},
};

}  // namespace

Convert find_shape_operator(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const OperatorRow& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->convert;
}

}  // namespace lamina::format::onnx
