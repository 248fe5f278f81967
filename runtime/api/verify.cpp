// Answers and what was expected of them -> where and how far they differ.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"

#include <lamina/plan.hpp>
#include <lamina/verify.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace lamina {
namespace {

double error_of(float got, float expected) {
  if (got == expected || (std::isnan(got) && std::isnan(expected))) return 0;
  const double error = std::fabs(static_cast<double>(got) - static_cast<double>(expected));
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

std::string short_number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 6);
  return {digits.data(), end.ptr};
}

std::string exact_number(float value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

std::string place_and_values(const Difference& at) {
  return "at row " + std::to_string(at.row) + ", column " + std::to_string(at.column) + " (from 0): got " +
         exact_number(at.got) + ", expected " + exact_number(at.expected);
}

}  // namespace

void Comparison::compare(const Difference& difference) {
  if (!any_ || difference.error > largest_.error) largest_ = difference;
  any_ = true;
  // An infinite expectation would make the tolerance infinite.
  const double allowed = std::isfinite(difference.expected)
                             ? tolerance_.absolute + tolerance_.relative * std::fabs(difference.expected)
                             : 0.0;
  const double excess = difference.error - allowed;
  if (!(excess > 0)) return;
  if (failures_++ == 0 || excess > worst_excess_) {
    worst_excess_ = excess;
    worst_ = difference;
  }
}

void Comparison::add(std::span<const float> got, std::span<const float> expected) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    compare({error_of(got[i], expected[i]), rows_ + i / row_size_, i % row_size_, got[i], expected[i]});
  }
  rows_ += got.size() / row_size_;
}

std::string to_string(const Difference& difference) {
  return short_number(difference.error) + " " + place_and_values(difference);
}

std::string to_string(const Comparison& comparison) {
  const Tolerance& tolerance = comparison.tolerance();
  const std::string values = std::to_string(comparison.values()) + " values ";
  const std::string within =
      short_number(tolerance.absolute) + " + " + short_number(tolerance.relative) + " |expected|";
  if (comparison.failures() == 0) return values + "in " + std::to_string(comparison.rows()) + " rows within " + within;
  return std::to_string(comparison.failures()) + " of " + values + "beyond " + within + "; furthest " +
         place_and_values(comparison.worst());
}

Comparison verify(const Plan& plan, const GoldenVectors& golden, const Tolerance& tolerance) {
  if (!(tolerance.relative >= 0 && tolerance.absolute >= 0)) {  // NaN would let everything pass
    base::fail(Errc::invalid_argument, "verify", "tolerance", "numbers of 0 or more",
               short_number(tolerance.absolute) + " + " + short_number(tolerance.relative) + " |expected|");
  }
  const std::size_t rows = golden.input.size() / plan.input_size();
  if (rows == 0 || rows * plan.input_size() != golden.input.size() ||
      rows * plan.output_size() != golden.output.size()) {
    base::fail(Errc::shape_mismatch, "golden vectors", "shapes",
               "rows of " + std::to_string(plan.input_size()) + " inputs and " + std::to_string(plan.output_size()) +
                   " outputs",
               to_string(golden.input.shape()) + " and " + to_string(golden.output.shape()));
  }
  Tensor answers(golden.output.shape());
  Workspace workspace = plan.workspace(rows);
  plan.run(golden.input.values(), answers.mutable_values(), workspace);
  Comparison comparison(plan.output_size(), tolerance);
  comparison.add(answers.values(), golden.output.values());
  return comparison;
}

}  // namespace lamina
