// Two measurements: their difference is found where there is one, at its size, and not where there is none.
// SPDX-License-Identifier: Apache-2.0
#include "profile/difference.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <random>

namespace lamina::tools {
namespace {

/// 50 blocks of 30 calls of 100 us, with a tail, each block by a few percent slower or faster as a whole: drift.
Blocks draw_blocks(std::uint64_t seed, double factor, std::uint64_t drift_seed) {
  std::mt19937_64 engine(seed), drift(drift_seed);
  std::normal_distribution<double> whole(1, 0.04);
  std::exponential_distribution<double> tail(1 / 10e3);
  Blocks blocks(50);
  for (std::vector<double>& block : blocks) {
    const double level = whole(drift);
    for (int i = 0; i < 30; ++i) block.push_back(factor * level * (100e3 + tail(engine)));
  }
  return blocks;
}

const Difference& of(const std::vector<Difference>& differences, const std::string& metric) {
  const auto found = std::ranges::find(differences, metric, &Difference::metric);
  REQUIRE(found != differences.end());
  return *found;
}

TEST_CASE("intervals of a difference hold its true size in about 95 % of experiments, although calls drift together") {
  int held = 0, false_alarms = 0;
  constexpr int kExperiments = 30;
  for (int i = 0; i < kExperiments; ++i) {
    const auto seed = static_cast<std::uint64_t>(4 * i);
    const auto differences =
        find_differences(draw_blocks(seed, 1, seed + 1), draw_blocks(seed + 2, 1.05, seed + 3), Pairing::none);
    const Interval p50 = of(differences, "p50").interval;
    held += p50.low <= 1.05 && 1.05 <= p50.high ? 1 : 0;
    false_alarms += beyond(parse_thresholds("p50>+5%"), differences).empty() ? 0 : 1;
  }
  CHECK(held >= 24);         // 28.5 +- 1.2 are expected
  CHECK(false_alarms <= 4);  // 0.8
}

TEST_CASE("in turns, what disturbs both sides does not widen the interval") {
  const Blocks a = draw_blocks(1, 1, 7), b = draw_blocks(2, 1.02, 7);  // the same drift
  const Interval paired = of(find_differences(a, b, Pairing::blocks), "p50").interval;
  const Interval alone = of(find_differences(a, b, Pairing::none), "p50").interval;
  CHECK(paired.high - paired.low < 0.7 * (alone.high - alone.low));
  CHECK(paired.low > 1.01);
  CHECK(paired.high < 1.03);
}

TEST_CASE("a difference below the step of the clock is not shown") {
  Blocks a(50, std::vector<double>(30, 460.0)), b = a;
  for (std::vector<double>& block : a) block.back() = 470;
  for (std::vector<double>& block : b) std::fill_n(block.begin(), 20, 470.0);
  const Difference p50 = of(find_differences(a, b, Pairing::blocks), "p50");
  CHECK(p50.ratio == Approx(470.0 / 460.0));
  CHECK(p50.interval.low <= 1);
  CHECK(p50.interval.high >= p50.ratio);
}

TEST_CASE("a limit is broken only where all of the interval is beyond it") {
  const auto differences = find_differences(draw_blocks(1, 1, 7), draw_blocks(2, 1.2, 7), Pairing::blocks);
  CHECK(of(differences, "p50").ratio == Approx(1.2).epsilon(0.02));
  CHECK(of(differences, "mean").before == Approx(110e3).epsilon(0.02));
  CHECK(beyond(parse_thresholds("p50>+10%"), differences).size() == 1);
  CHECK(beyond(parse_thresholds("p90>+10%,p50>10%,mean>+30%"), differences).size() == 2);
  CHECK(beyond(parse_thresholds("p50>+20%"), differences).empty());  // as large as the limit: not shown to be larger
  CHECK(to_text(differences.front()).find("mean 1") == 0);
}

TEST_CASE("a metric without the samples for it cannot be a limit") {
  const Blocks few(50, std::vector<double>(1, 5.0));
  const auto differences = find_differences(few, few, Pairing::none);
  CHECK(of(differences, "p50").ratio == 1);
  CHECK_THROWS_WITH(beyond(parse_thresholds("p99>+10%"), differences),
                    Catch::Matchers::Contains("at least 662 on both sides"));
}

TEST_CASE("limits are a metric and percents") {
  CHECK(parse_thresholds("p99>+10%").front().most == Approx(0.1));
  CHECK(parse_thresholds("mean>2.5%,p99.9>+0%").size() == 2);
  CHECK(parse_thresholds("p99>+10%").front().text() == "p99>+10.0%");
  for (const char* text :
       {"", ",", "p99", "p99>", "p99>%", "p99>+%", "p99>10", "p98>+10%", "p99>+-10%", "p99>+x%", "p99>+10%,"}) {
    CAPTURE(text);
    CHECK_THROWS(parse_thresholds(text));
  }
}

}  // namespace
}  // namespace lamina::tools
