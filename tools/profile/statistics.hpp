// Samples of a time -> its mean, spread and percentiles, each with its confidence interval.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lamina::tools {

struct Interval {
  double low = 0, high = 0;
};

/// 95 % confidence intervals: the mean's by the normal distribution, a percentile's by order statistics.
struct Percentile {
  std::string name;             // "p99"
  double q = 0;                 // 0.99
  std::size_t least = 0;        // samples that it takes
  std::optional<double> value;  // absent: fewer samples than that
  Interval interval;
};

struct Summary {
  std::size_t n = 0;
  double min = 0, mean = 0, sd = 0, max = 0;
  Interval mean_interval;
  std::vector<Percentile> percentiles;  // p50, p90, p95, p99, p99.9

  [[nodiscard]] const Percentile& percentile(const std::string& name) const;
  /// For a figure that is always there: p50 where it has its samples, else the mean.
  [[nodiscard]] double typical() const;
};

/// Counts of samples in bins that are 1.1 % wide: 64 to each doubling. Empty ones are left out.
struct Histogram {
  std::vector<double> edges;  // lower ends, ascending
  std::vector<std::size_t> counts;
};

[[nodiscard]] Histogram histogram_of(std::span<const double> samples);

/// A percentile with t = 1 sample discarded and 99 % confidence takes so many samples (the binomial bound of MLPerf's
/// loadgen): 11, 64, 130, 662 and 6636 for the five above.
[[nodiscard]] std::size_t least_samples(double q);

/// Nearest rank: the value that at least q of the ascending samples do not exceed.
[[nodiscard]] double quantile(std::span<const double> ascending, double q);

[[nodiscard]] Summary summarize(std::vector<double> samples);

}  // namespace lamina::tools
