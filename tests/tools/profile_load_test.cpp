// Arrivals, waiting lines and limits, beside simulated queues and plain arithmetic.
// SPDX-License-Identifier: Apache-2.0
#include "profile/load.hpp"
#include "profile/slo.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lamina::tools {
namespace {

Load load_at(double rate, double seconds) {
  Load load;
  load.rate = rate;
  load.seconds = seconds;
  return load;
}

TEST_CASE("arrivals have the rate asked for: even, or exponential gaps that a seed repeats") {
  Load load = load_at(1000, 20);
  const std::vector<double> poisson = arrival_times(load);
  CHECK(poisson == arrival_times(load));
  REQUIRE(poisson.size() == 20000);
  CHECK(poisson.back() == Approx(20e9).epsilon(0.03));  // 4 standard deviations
  double squares = 0;
  for (std::size_t i = 1; i < poisson.size(); ++i) squares += std::pow(poisson[i] - poisson[i - 1] - 1e6, 2);
  CHECK(std::sqrt(squares / 19999) == Approx(1e6).epsilon(0.05));  // as large as the mean
  load.seed = 1;
  CHECK(poisson != arrival_times(load));
  load.arrivals = Arrivals::constant;
  CHECK(arrival_times(load)[99] == Approx(100e6));
  load.rate = 0;
  CHECK(arrival_times(load).empty());
}

Plan small_plan() {
  Model model = parse_architecture("nn.Sequential(nn.Linear(256, 1024), nn.ReLU(), nn.Linear(1024, 1024))");
  model.randomize(0);
  return std::move(model).compile();
}

TEST_CASE("latency is the time in line and the time in the call") {
  const Plan plan = small_plan();
  const std::vector<float> row(plan.input_size(), 0.5f);
  Load load = load_at(500, 0.2);
  load.callers = 2;
  const LoadReport report = run_load(plan, row, load);
  CHECK(report.latency.n + report.dropped == 100);
  CHECK(report.latency.mean == Approx(report.queue.mean + report.service.mean));
  CHECK(report.latency.max >= report.service.max);
  CHECK(report.service.min > 1000);
}

TEST_CASE("calls that come faster than they are done wait ever longer, and that shows") {
  const Plan plan = small_plan();
  const std::vector<float> row(plan.input_size(), 0.5f);
  const LoadReport calm = run_load(plan, row, load_at(0, 0.1));
  const LoadReport report = run_load(plan, row, load_at(4e9 / calm.service.typical(), 0.1));
  CHECK(report.overloaded);
  CHECK(report.backlog > 50);
  CHECK(report.latency.typical() > 20 * report.service.typical());
  CHECK_FALSE(Slo{"p50", 1e12}.met(report));
}

TEST_CASE("callers without a pause never wait") {
  const Plan plan = small_plan();
  const std::vector<float> row(plan.input_size(), 0.5f);
  Load load = load_at(0, 0.05);
  load.callers = 3;
  const LoadReport report = run_load(plan, row, load);
  CHECK(report.latency.n > 3);
  CHECK(report.queue.max == 0);
  CHECK(report.latency.mean == Approx(report.service.mean));
  CHECK_FALSE(report.overloaded);
}

TEST_CASE("a limit is a percentile and a time") {
  CHECK(parse_slo("p99<=2ms").limit_ns == 2e6);
  CHECK(parse_slo("p99.9<=1.5s").limit_ns == 1.5e9);
  CHECK(parse_slo("p50<=300us").percentile == "p50");
  CHECK(parse_slo("p90<=10ns").limit_ns == 10);
  for (const char* text :
       {"", "p99", "p99<2ms", "p98<=2ms", "p99<=", "p99<=2", "p99<=0ms", "p99<=-1ms", "p99<=2 ms", "p99<=xms"}) {
    CAPTURE(text);
    CHECK_THROWS(parse_slo(text));
  }
}

/// One server that takes exactly 100 us, behind a line without end: Lindley's recursion.
LoadReport simulate(double rate, std::uint64_t seed) {
  Load load = load_at(rate, 200000 / rate);
  load.seed = seed;
  std::vector<double> latencies;
  double free = 0;
  for (const double arrival : arrival_times(load)) {
    free = std::max(free, arrival) + 100e3;
    latencies.push_back(free - arrival);
  }
  LoadReport report;
  report.load = load;
  report.latency = summarize(std::move(latencies));
  return report;
}

TEST_CASE("bisection ends at the highest rate of a simulated queue") {
  const Slo slo = parse_slo("p99<=1ms");
  const SloAnswer answer = find_highest_rate(slo, 11000, [](double rate) { return simulate(rate, 1); });
  REQUIRE(answer.best);
  const double rate = answer.best->load.rate;
  CHECK(slo.met(*answer.best));
  CHECK(slo.met(simulate(0.9 * rate, 2)));
  CHECK_FALSE(slo.met(simulate(1.1 * rate, 2)));
  CHECK(rate > 7000);   // at 7,000 p99 is near 0.7 ms
  CHECK(rate < 10000);  // what the server can do
  const SloAnswer none = find_highest_rate(parse_slo("p50<=99us"), 11000, [](double r) { return simulate(r, 1); });
  CHECK_FALSE(none.best);
}

TEST_CASE("a rate that fails once is tried again, one that fails twice is not taken") {
  int calls = 0;
  const auto flaky = [&](double rate) { return simulate(++calls % 2 == 1 ? 20000 : rate, 1); };
  const SloAnswer answer = find_highest_rate(parse_slo("p99<=1ms"), 11000, flaky);
  REQUIRE(answer.best);
  CHECK(answer.best->load.rate > 7000);
}

}  // namespace
}  // namespace lamina::tools
