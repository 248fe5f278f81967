// Shape of an array -> shape of its rows, within the limits.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/row_source.hpp"

#include "base/checked.hpp"
#include "base/fail.hpp"

#include <limits>

namespace lamina::format {

RowLayout layout_of(const std::string& name, const Shape& shape) {
  RowLayout layout;
  if (shape.size() > kMostRank) {
    base::fail(Errc::limit_exceeded, name, "rank of the array", "at most 8", std::to_string(shape.size()));
  }
  if (!shape.empty() && static_cast<std::uint64_t>(shape[0]) > kMostRows) {
    base::fail(Errc::limit_exceeded, name, "first dimension of the array", "at most 2^40", to_string(shape));
  }
  layout.single_row = shape.size() <= 1;
  layout.row_shape = shape.empty() ? Shape{1} : shape.size() == 1 ? shape : Shape(shape.begin() + 1, shape.end());
  layout.rows = layout.single_row ? 1 : static_cast<std::uint64_t>(shape[0]);
  base::CheckedU64 size = 1;
  for (const std::int64_t dimension : layout.row_shape) {
    if (dimension == 0)
      base::fail(Errc::shape_mismatch, name, "array of shape " + to_string(shape) + " has no numbers");
    if (!layout.single_row && dimension > std::numeric_limits<std::int32_t>::max()) {
      base::fail(Errc::limit_exceeded, name, "dimension of the array", "at most 2^31-1", to_string(shape));
    }
    size = size * static_cast<std::uint64_t>(dimension);
  }
  if (!layout.single_row && size > kMostRowElements) {
    base::fail(Errc::limit_exceeded, name, "numbers in one row", "at most 2^28", to_string(shape));
  }
  layout.row_size = static_cast<std::size_t>(size.value());
  return layout;
}

}  // namespace lamina::format
