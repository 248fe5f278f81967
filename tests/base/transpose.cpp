// A transpose has each element in the other place, also where no block is full.
// SPDX-License-Identifier: Apache-2.0
#include "base/transpose.hpp"

#include "support/catch.hpp"
#include "support/failure.hpp"

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

using namespace lamina;
using namespace lamina::test;

TEST_CASE("a transpose has each element at its exchanged indices") {
  for (const auto& [rows, columns] : {std::pair{1, 1}, {1, 40}, {33, 70}, {64, 32}, {0, 3}}) {
    INFO(rows << " x " << columns);
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    std::iota(values.begin(), values.end(), 0.0F);
    const Tensor result = base::transposed(Tensor({rows, columns}, values));
    REQUIRE(result.shape() == Shape{columns, rows});
    bool equal = true;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const float moved = result.data()[column * rows + row];
        equal = equal && moved == values[static_cast<std::size_t>(row * columns + column)];
      }
    }
    CHECK(equal);
  }
}

TEST_CASE("only a matrix has a transpose") {
  CHECK(failure([] {
          (void)base::transposed(Tensor({2}, {1, 2}));
        }) == "shape_mismatch: transpose: shape: expected a matrix, got [2]");
}
