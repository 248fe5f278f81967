// Two streams of numbers -> where and how far they differ.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace lamina::tools {

struct Tolerance {
  double relative = 1e-4;
  double absolute = 1e-5;
};

/// The place of an error: counted from 0, as arrays are indexed.
struct Difference {
  double error = 0;  // |got - expected|; infinite where only one is NaN or they are different infinities
  std::uint64_t row = 0;
  std::size_t column = 0;
  float got = 0;
  float expected = 0;
};

/// got agrees with expected where |got - expected| <= absolute + relative |expected|, NaN with NaN, an infinity with
/// itself.
class Comparison {
 public:
  Comparison(std::size_t row_size, Tolerance tolerance) : row_size_(row_size), tolerance_(tolerance) {}

  /// Whole rows, equally many.
  void add(std::span<const float> got, std::span<const float> expected);

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t values() const noexcept { return rows_ * row_size_; }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }
  [[nodiscard]] const Difference& largest() const noexcept { return largest_; }
  /// The one furthest beyond its tolerance; meaningful where failures() != 0.
  [[nodiscard]] const Difference& worst() const noexcept { return worst_; }

 private:
  void compare(const Difference& difference);

  std::size_t row_size_;
  Tolerance tolerance_;
  std::uint64_t rows_ = 0;
  std::uint64_t failures_ = 0;
  bool any_ = false;
  double worst_excess_ = 0;
  Difference largest_, worst_;
};

}  // namespace lamina::tools
