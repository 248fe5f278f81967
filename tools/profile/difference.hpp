// Two measurements -> by how much one is slower, and how sure that is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/statistics.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lamina::tools {

/// Samples of consecutive stretches of time, at least one in each.
using Blocks = std::vector<std::vector<double>>;

struct Difference {
  std::string metric;  // "mean", "p50", ..., "p99.9"
  double before = 0, after = 0;
  double ratio = 1;   // after / before
  Interval interval;  // of the ratio, 95 %, and a step of the clock to both sides
};

enum class Pairing {
  none,    // measured one after the other
  blocks,  // in turns: what disturbed a block of one disturbed that of the other
};

/// One for the mean and for each percentile that both have the samples for. The intervals come from a bootstrap over
/// whole blocks, since neighbouring calls are not independent: 400 times, as many blocks are drawn with replacement.
[[nodiscard]] std::vector<Difference> find_differences(const Blocks& before, const Blocks& after, Pairing pairing);

/// "p99>+10%": not to be slower than that.
struct Threshold {
  std::string metric;
  double most = 0;  // 0.1

  [[nodiscard]] std::string text() const;
};

/// "p99>+10%,p50>+5%". Throws UsageError.
[[nodiscard]] std::vector<Threshold> parse_thresholds(const std::string& text);

/// Those that all of the 95 % interval is beyond. Throws Error where a metric has too few samples.
[[nodiscard]] std::vector<Difference> beyond(const std::vector<Threshold>& thresholds,
                                             const std::vector<Difference>& differences);

/// "p99 1.31 ms -> 1.52 ms: 1.16 times (1.12 to 1.19)".
[[nodiscard]] std::string to_text(const Difference& difference);

}  // namespace lamina::tools
