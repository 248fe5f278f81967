// Percentiles, intervals and lists of numbers, beside plain counting.
// SPDX-License-Identifier: Apache-2.0
#include "profile/figures.hpp"
#include "profile/number_list.hpp"
#include "profile/statistics.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <random>

namespace lamina::tools {
namespace {

using Numbers = std::vector<std::size_t>;

TEST_CASE("a quantile is the least value that so many do not exceed") {
  std::mt19937 engine(1);
  for (const std::size_t n : {1u, 2u, 7u, 100u, 1001u}) {
    std::vector<double> samples(n);
    for (double& x : samples) x = static_cast<double>(engine() % 50);
    std::ranges::sort(samples);
    for (const double q : {0.01, 0.5, 0.9, 0.95, 0.99, 0.999}) {
      const double value = quantile(samples, q);
      const auto not_above = [&](double bound) {
        return static_cast<double>(std::ranges::count_if(samples, [&](double x) { return x <= bound; }));
      };
      CAPTURE(n, q);
      CHECK(not_above(value) >= q * static_cast<double>(n) - 1e-6);
      CHECK(not_above(value - 1) < q * static_cast<double>(n) + 1e-6);
    }
  }
}

TEST_CASE("percentiles take as many samples as loadgen asks for") {
  CHECK(least_samples(0.5) == 11);
  CHECK(least_samples(0.9) == 64);
  CHECK(least_samples(0.95) == 130);
  CHECK(least_samples(0.99) == 662);
  CHECK(least_samples(0.999) == 6636);
}

TEST_CASE("a summary holds what it has the samples for") {
  std::vector<double> samples(661);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<double>(661 - i);
  Summary s = summarize(samples);
  CHECK(s.n == 661);
  CHECK(s.min == 1);
  CHECK(s.max == 661);
  CHECK(s.mean == 331);
  CHECK(s.sd == Approx(190.959).epsilon(1e-5));  // sqrt(661 * 662 / 12)
  CHECK(s.percentile("p50").value == 331);
  CHECK_FALSE(s.percentile("p99").value);
  samples.push_back(1000);
  s = summarize(samples);
  CHECK(s.percentile("p99").value == 656);
  CHECK(summarize({}).n == 0);
  CHECK(summarize({5}).typical() == 5);
  CHECK_THROWS(s.percentile("p98"));
}

TEST_CASE("the 95 % intervals hold the truth in about 95 % of experiments") {
  std::mt19937 engine(2);
  std::exponential_distribution<double> distribution;
  int median_held = 0, p99_held = 0, mean_held = 0;
  constexpr int kExperiments = 1000;
  for (int i = 0; i < kExperiments; ++i) {
    std::vector<double> samples(1000);
    for (double& x : samples) x = distribution(engine);
    const Summary s = summarize(std::move(samples));
    const auto held = [](const Interval& interval, double truth) {
      return interval.low <= truth && truth <= interval.high;
    };
    median_held += held(s.percentile("p50").interval, 0.693147) ? 1 : 0;
    p99_held += held(s.percentile("p99").interval, 4.60517) ? 1 : 0;
    mean_held += held(s.mean_interval, 1.0) ? 1 : 0;
  }
  // 950 +- 4 standard deviations of 7, and what ranks that are whole numbers add.
  for (const int count : {median_held, p99_held, mean_held}) {
    CHECK(count >= 920);
    CHECK(count <= 990);
  }
}

TEST_CASE("lists and ranges of numbers") {
  CHECK(parse_numbers("--batch", "8", 1) == Numbers{8});
  CHECK(parse_numbers("--batch", "64,1,8,8", 1) == Numbers{1, 8, 64});
  CHECK(parse_numbers("--batch", "1:4096:x2", 1).size() == 13);
  CHECK(parse_numbers("--batch", "1:100:x10,3:9:3", 1) == Numbers{1, 3, 6, 9, 10, 100});
  CHECK(parse_numbers("--threads", "0:2:1", 0) == Numbers{0, 1, 2});
  for (const char* text : {"", ",", "0", "-1", "1.5", "1:", "1:8", "1:8:", "1:8:0", "1:8:x", "1:8:x1", "8:1:1",
                           "1:8:2:3", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS(parse_numbers("--batch", text, 1));
  }
  CHECK_THROWS(parse_numbers("--threads", "0:8:x2", 0));
}

TEST_CASE("figures have three digits and a unit that fits") {
  CHECK(three_digits(0) == "0");
  CHECK(three_digits(0.0123) == "0.0123");
  CHECK(three_digits(3.678) == "3.68");
  CHECK(three_digits(99.96) == "100");
  CHECK(three_digits(9.996) == "10.0");
  CHECK(three_digits(12345.6) == "12,346");
  CHECK(three_digits(-2) == "-2.00");
  CHECK(three_digits(1e-9) == "<0.001");
  CHECK(duration_text(3680) == "3.68 us");
  CHECK(duration_text(999.7) == "1.00 us");
  CHECK(duration_text(2.5e9) == "2.50 s");
  CHECK(bytes_text(8.4e6) == "8.40 MB");
  CHECK(percent_text(0.9234) == "92.3 %");
}

}  // namespace
}  // namespace lamina::tools
