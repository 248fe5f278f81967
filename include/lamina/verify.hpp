// Answers and what was expected of them -> where and how far they differ; golden vectors, which carry both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>
#include <lamina/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lamina {

class Plan;

/// Rows and the answers that a network must give to them. They travel with a Model: save() writes them beside the
/// weights, as tensors named lamina.golden.input and lamina.golden.output, and load() brings them back.
struct GoldenVectors {
  Tensor input;   ///< [rows, shape of a row...]
  Tensor output;  ///< [rows, shape of an answer...]
  bool operator==(const GoldenVectors&) const = default;
};

/// An answer y agrees with e where |y - e| <= absolute + relative |e|; NaN agrees with NaN, an infinity with itself.
/// The defaults let float32 answers of another framework pass: it sums in another order.
struct Tolerance {
  double relative = 1e-4;
  double absolute = 1e-5;
};

/// The place of an error: counted from 0, as arrays are indexed.
struct Difference {
  double error = 0;  ///< |got - expected|; infinite where only one is NaN or they are different infinities
  std::uint64_t row = 0;
  std::size_t column = 0;
  float got = 0;
  float expected = 0;
};

/// Compares rows as they come.
class LAMINA_API Comparison {
 public:
  /// `row_size` (at least 1): numbers per row.
  explicit Comparison(std::size_t row_size, const Tolerance& tolerance = {})
      : row_size_(row_size), tolerance_(tolerance) {}

  /// Whole rows, equally many.
  void add(std::span<const float> got, std::span<const float> expected);

  [[nodiscard]] const Tolerance& tolerance() const noexcept { return tolerance_; }
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t values() const noexcept { return rows_ * row_size_; }
  /// Values beyond the tolerance: 0 where all agree.
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

/// "0.75 at row 1, column 2 (from 0): got -4.75, expected -4".
[[nodiscard]] LAMINA_API std::string to_string(const Difference& difference);
/// "6 values in 2 rows within 1e-05 + 0.0001 |expected|", or how many are beyond and which is the furthest.
[[nodiscard]] LAMINA_API std::string to_string(const Comparison& comparison);

/// Runs the rows on `plan`, so that the very Plan that will serve is known to be right.
/// Throws Error{shape_mismatch} where the rows are not those of the plan, Error{invalid_argument} for a tolerance that
/// is negative or NaN.
[[nodiscard]] LAMINA_API Comparison verify(const Plan& plan, const GoldenVectors& golden,
                                           const Tolerance& tolerance = {});

}  // namespace lamina
