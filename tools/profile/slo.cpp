// "p99<=2ms" and a way to run at a rate -> the highest rate that keeps to it.
// SPDX-License-Identifier: Apache-2.0
#include "profile/slo.hpp"

#include "command.hpp"
#include "profile/figures.hpp"

#include <charconv>
#include <string_view>

namespace lamina::tools {
namespace {

double unit_ns(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  return unit == "s" ? 1e9 : 0;
}

/// Runs at rates and remembers.
class Trials {
 public:
  Trials(SloAnswer& answer, const std::function<LoadReport(double rate)>& run_at) : answer_(answer), run_at_(run_at) {}

  bool holds(double rate) {
    answer_.tried.push_back(run_at_(rate));
    return answer_.slo.met(answer_.tried.back());
  }
  bool holds_at_last(double rate) { return holds(rate) || holds(rate); }

 private:
  SloAnswer& answer_;
  const std::function<LoadReport(double rate)>& run_at_;
};

}  // namespace

double Slo::least_seconds(double rate) const {
  return 1.2 * static_cast<double>(summarize({}).percentile(percentile).least) / rate;
}

std::string Slo::text() const { return percentile + "<=" + duration_text(limit_ns); }

bool Slo::met(const LoadReport& report) const {
  const std::optional<double> value = report.latency.percentile(percentile).value;
  return value && *value <= limit_ns && !report.overloaded;
}

Slo parse_slo(const std::string& text) {
  const std::size_t sign = text.find("<=");
  if (sign != std::string::npos) {
    Slo slo{text.substr(0, sign), 0};
    const Summary names = summarize({});
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data() + sign + 2, end, value);
    if (failure == std::errc()) slo.limit_ns = value * unit_ns({rest, static_cast<std::size_t>(end - rest)});
    for (const Percentile& p : names.percentiles) {
      if (p.name == slo.percentile && slo.limit_ns > 0) return slo;
    }
  }
  throw UsageError("--slo: expected p50, p90, p95, p99 or p99.9 with a limit such as p99<=2ms, got '" + text + "'");
}

SloAnswer find_highest_rate(const Slo& slo, double highest, const std::function<LoadReport(double rate)>& run_at) {
  constexpr int kMostSteps = 14;
  SloAnswer answer{slo, {}, {}};
  Trials trials(answer, run_at);
  double low = 0, high = highest;
  for (int step = 0; step < kMostSteps && high - low > high / 50; ++step) {
    const double rate = (low + high) / 2;
    trials.holds_at_last(rate) ? low = rate : high = rate;
  }
  for (int step = 0; step < kMostSteps && low > 0; ++step, low *= 0.98) {
    if (!trials.holds(low)) continue;
    answer.best = answer.tried.back();
    break;
  }
  return answer;
}

}  // namespace lamina::tools
