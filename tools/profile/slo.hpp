// "p99<=2ms" and a way to run at a rate -> the highest rate that keeps to it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/load.hpp"

#include <functional>
#include <optional>
#include <string>

namespace lamina::tools {

struct Slo {
  std::string percentile;  // "p99"
  double limit_ns = 0;

  /// Enough samples for the percentile, which is within the limit, and no line that grows.
  [[nodiscard]] bool met(const LoadReport& report) const;
  /// Seconds that a measurement at `rate` calls per second takes for enough samples, and some to spare.
  [[nodiscard]] double least_seconds(double rate) const;
  [[nodiscard]] std::string text() const;
};

/// "p99<=2ms", "p50<=300us". Throws UsageError.
[[nodiscard]] Slo parse_slo(const std::string& text);

/// What was found out, and how.
struct SloAnswer {
  Slo slo;
  std::optional<LoadReport> best;  // at the highest rate that was seen to keep to it; absent: none does
  std::vector<LoadReport> tried;
};

/// Bisection between 0 and `highest` calls per second until the interval is a fiftieth of its upper end. A rate that
/// fails is tried again, since a neighbour on the machine can make one fail; the answer has to hold twice.
[[nodiscard]] SloAnswer find_highest_rate(const Slo& slo, double highest,
                                          const std::function<LoadReport(double rate)>& run_at);

}  // namespace lamina::tools
