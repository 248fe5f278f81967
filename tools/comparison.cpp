// Two streams of numbers -> where and how far they differ.
// SPDX-License-Identifier: Apache-2.0
#include "comparison.hpp"

#include <cmath>
#include <limits>

namespace lamina::tools {
namespace {

double error_of(float got, float expected) {
  if (got == expected || (std::isnan(got) && std::isnan(expected))) return 0;
  const double error = std::fabs(static_cast<double>(got) - static_cast<double>(expected));
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
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

}  // namespace lamina::tools
