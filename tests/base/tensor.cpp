// Tensor: shapes and their limits, alignment, copy on write, equality by bits.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/error.hpp>
#include <lamina/tensor.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

using namespace lamina;
using namespace lamina::test;

namespace {
constexpr std::int64_t kHuge = std::int64_t{1} << 62;
}

TEST_CASE("a shape prints as in PyTorch and counts its elements") {
  CHECK(to_string(Shape{128, 784}) == "[128, 784]");
  CHECK(to_string(Shape{}) == "[]");
  CHECK(element_count({}) == 1);
  CHECK(element_count({2, 3, 4}) == 24);
  CHECK(element_count({5, 0, 7}) == 0);
  CHECK(element_count({kHuge, kHuge, 0}) == 0);
  CHECK(failure([] { (void)element_count({2, -1}); }) == "shape_mismatch: shape [2, -1]: negative dimension");
  CHECK(failure([] { (void)element_count({kHuge, 4}); }).starts_with("limit_exceeded: "));
}

TEST_CASE("a new tensor is zero-filled and aligned to a cache line") {
  for (const std::int64_t size : {1, 3, 64, 1000}) {
    const Tensor tensor(Shape{size});
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64 == 0);
    CHECK(std::all_of(tensor.values().begin(), tensor.values().end(),
                      [](float x) { return std::bit_cast<std::uint32_t>(x) == 0; }));
  }
}

TEST_CASE("a default tensor and one without elements are empty") {
  CHECK(Tensor().empty());
  CHECK(Tensor().shape() == Shape{0});
  CHECK(Tensor(Shape{3, 0}).empty());
  CHECK(Tensor() == Tensor(Shape{0}));
  CHECK(Tensor(Shape{}).size() == 1);
  Tensor none;
  CHECK(none.mutable_values().empty());
}

TEST_CASE("a tensor refuses shapes and values that cannot be") {
  CHECK(failure([] { Tensor(Shape(9, 1)); }).starts_with("limit_exceeded: "));
  CHECK(failure([] { Tensor(Shape{kHuge}); }) == "limit_exceeded: tensor [4611686018427387904]: too large to address");
  CHECK(failure([] { Tensor(Shape{-1}); }).starts_with("shape_mismatch: "));
  CHECK(failure([] {
          Tensor({2, 2}, {1.0f, 2.0f});
        }) == "shape_mismatch: tensor [2, 2]: number of values: expected 4, got 2");
  CHECK(failure([] { Tensor(TensorView{nullptr, {2}}); }) == "invalid_argument: tensor view: has no data");
  CHECK(Tensor(Shape(8, 1)).rank() == 8);
}

TEST_CASE("a copy shares the elements until one of the two is written to") {
  Tensor a({3}, {1, 2, 3});
  Tensor b = a;
  CHECK(a.data() == b.data());
  b.mutable_values()[0] = 9;
  CHECK(a.values()[0] == 1);
  CHECK(b.values()[0] == 9);
  const float* own = b.data();
  b.mutable_values()[1] = 8;
  CHECK(b.data() == own);  // alone: no second copy
}

TEST_CASE("a tensor that was moved from is empty") {
  Tensor a({2}, {1, 2});
  const Tensor b = std::move(a);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): what this test is about
  CHECK(b == Tensor({2}, {1, 2}));
  Tensor c({1}, {7});
  c = Tensor({2}, {3, 4});
  CHECK(c == Tensor({2}, {3, 4}));
}

TEST_CASE("reshaped shares the elements under another shape of equal count") {
  const Tensor a({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = a.reshaped({3, 2});
  CHECK(b.shape() == Shape{3, 2});
  CHECK(b.data() == a.data());
  CHECK(failure([&] { (void)a.reshaped({4}); }) ==
        "shape_mismatch: reshape to [4]: number of values: expected 4, got 6 of [2, 3]");
}

TEST_CASE("equality is that of the bits") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(Tensor({1}, {nan}) == Tensor({1}, {nan}));
  CHECK_FALSE(Tensor({1}, {0.0f}) == Tensor({1}, {-0.0f}));
  CHECK_FALSE(Tensor({2, 1}, {1, 2}) == Tensor({1, 2}, {1, 2}));
  const Tensor shared({2}, {1, 2});
  CHECK(shared == Tensor(shared));
}

TEST_CASE("a view copies what it borrows") {
  std::vector<float> values = {1, 2, 3, 4};
  const Tensor tensor(TensorView{values.data(), {2, 2}});
  values[0] = 9;
  CHECK(tensor.values()[0] == 1);
  CHECK(tensor.view().shape == Shape{2, 2});
  CHECK(tensor.view().data == tensor.data());
}

TEST_CASE("threads may write to their own copies at once") {
  const Tensor original({4}, {1, 2, 3, 4});
  std::vector<std::thread> threads;
  std::vector<float> sums(8);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    threads.emplace_back([copy = original, i, &sums]() mutable {
      copy.mutable_values()[0] = static_cast<float>(i);
      for (const float value : copy.values()) sums[i] += value;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == static_cast<float>(i) + 9);
  CHECK(original == Tensor({4}, {1, 2, 3, 4}));
}

TEST_CASE("an uninitialised tensor has the shape, the alignment and the limits of any other") {
  for (const std::int64_t size : {1, 1000, 2'000'000}) {  // the last on pages of 2 MiB
    Tensor tensor = Tensor::uninitialized({size});
    REQUIRE(tensor.size() == static_cast<std::size_t>(size));
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64 == 0);
    std::fill(tensor.mutable_values().begin(), tensor.mutable_values().end(), 2.0f);
    CHECK(std::accumulate(tensor.values().begin(), tensor.values().end(), 0.0) == 2.0 * static_cast<double>(size));
  }
  CHECK(Tensor::uninitialized({0, 3}).empty());
  CHECK(failure([] { (void)Tensor::uninitialized({kHuge, 4}); }).starts_with("limit_exceeded: "));
  CHECK(failure([] { (void)Tensor::uninitialized({-1}); }).starts_with("shape_mismatch: "));
}
