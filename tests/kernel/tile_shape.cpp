// Every number of rows -> tiles that cover them, of nearly equal height, no more than needed.
// SPDX-License-Identifier: Apache-2.0
#include "kernel/tile_shape.inl.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <vector>

namespace lamina::kernel {
namespace {

std::vector<std::size_t> heights(std::size_t rows, std::size_t best, std::size_t most) {
  std::vector<std::size_t> result;
  for (std::size_t tiles = tile_count(rows, best, most); tiles != 0; --tiles) {
    result.push_back(tile_height(rows, tiles));
    rows -= result.back();
  }
  REQUIRE(rows == 0);
  return result;
}

TEST_CASE("rows are cut into tiles that exist, of nearly equal height", "[tile]") {
  for (std::size_t most = 1; most <= 12; ++most) {
    for (std::size_t best = 1; best <= most; ++best) {
      for (std::size_t rows = 1; rows <= 200; ++rows) {
        const std::vector<std::size_t> tiles = heights(rows, best, most);
        const auto [low, high] = std::minmax_element(tiles.begin(), tiles.end());
        CAPTURE(rows, best, most);
        REQUIRE(*low >= 1);
        REQUIRE(*high <= most);
        REQUIRE(*high - *low <= 1);
        const std::size_t fewest = (rows + most - 1) / most;
        REQUIRE(tiles.size() == std::max(fewest, rows / best));
      }
    }
  }
}

TEST_CASE("up to twelve rows take the tiles that they are known to be fastest in", "[tile]") {
  using Heights = std::vector<std::size_t>;
  CHECK(heights(5, 6, 6) == Heights{5});
  CHECK(heights(8, 6, 6) == Heights{4, 4});
  CHECK(heights(12, 6, 6) == Heights{6, 6});
  CHECK(heights(5, 4, 6) == Heights{5});
  CHECK(heights(8, 4, 6) == Heights{4, 4});
  CHECK(heights(11, 4, 6) == Heights{6, 5});
}

TEST_CASE("short sums take low tiles where 32 registers make tall ones possible", "[tile]") {
  CHECK(best_rows<16>(64) == 4);
  CHECK(best_rows<16>(kShortSum - 1) == 4);
  CHECK(best_rows<16>(kShortSum) == 6);
  CHECK(best_rows<8>(64) == best_rows<8>(4096));
}

}  // namespace
}  // namespace lamina::kernel
