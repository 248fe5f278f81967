// Several callers on one Plan, asked at given times or without a pause -> latencies from the intended start.
// SPDX-License-Identifier: Apache-2.0
#include "profile/load.hpp"

#include "profile/measure.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <random>
#include <thread>

namespace lamina::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostCalls = std::size_t{1} << 20;

struct Times {
  std::vector<double> intended, begun, ended;  // ns from the start

  /// Room for so many calls, without a page fault later.
  void touch(std::size_t most) {
    for (std::vector<double>* list : {&intended, &begun, &ended}) {
      list->resize(most);
      list->clear();
    }
  }
};

/// What the callers of one load share.
struct Stage {
  const Load& load;
  std::vector<double> arrivals;      // empty: no pause
  std::atomic<std::size_t> next{0};  // of arrivals
  std::barrier<> ready;
  Clock::time_point start = {};

  [[nodiscard]] double now() const { return std::chrono::duration<double, std::nano>(Clock::now() - start).count(); }
};

/// Sleeps while that can be trusted to end in time, then looks at the clock.
void wait_until(const Stage& stage, double ns) {
  constexpr double kTrusted = 100e3;  // a sleeper comes back some 60 us late
  if (const double left = ns - stage.now(); left > 2 * kTrusted) {
    std::this_thread::sleep_for(std::chrono::duration<double, std::nano>(left - kTrusted));
  }
  while (stage.now() < ns) std::this_thread::yield();
}

void call_at_arrivals(Stage& stage, Caller& caller, Times& times) {
  const double end = stage.arrivals.back() + std::max(1e9 * stage.load.seconds, 0.1e9);
  while (true) {
    const std::size_t index = stage.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= stage.arrivals.size() || (index > 0 && stage.now() > end)) return;  // the first is always done
    const double intended = stage.arrivals[index];
    wait_until(stage, intended);
    times.begun.push_back(stage.now());
    caller.call();
    times.ended.push_back(stage.now());
    times.intended.push_back(intended);
  }
}

void call_without_pause(const Stage& stage, Caller& caller, Times& times) {
  const double end = 1e9 * stage.load.seconds;
  double now = stage.now();
  do {
    times.intended.push_back(now);
    times.begun.push_back(now);
    caller.call();
    now = stage.now();
    times.ended.push_back(now);
  } while (now < end && times.ended.size() < kMostCalls / stage.load.callers);
}

void take_part(Stage& stage, Caller& caller, Times& times, bool first) {
  for (int i = 0; i < 20; ++i) caller.call();
  stage.ready.arrive_and_wait();
  if (first) stage.start = Clock::now();
  stage.ready.arrive_and_wait();
  stage.arrivals.empty() ? call_without_pause(stage, caller, times) : call_at_arrivals(stage, caller, times);
}

/// Most calls at any time that had arrived and not begun.
std::size_t longest_line(const Times& all) {
  std::vector<double> arrived = all.intended, begun = all.begun;
  std::ranges::sort(arrived);
  std::ranges::sort(begun);
  std::size_t longest = 0, out = 0;
  for (std::size_t in = 0; in < arrived.size(); ++in) {
    while (out < begun.size() && begun[out] <= arrived[in]) ++out;
    longest = std::max(longest, in + 1 - std::min(out, in + 1));
  }
  return longest;
}

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<double> differences(const std::vector<double>& later, const std::vector<double>& earlier) {
  std::vector<double> result(later.size());
  std::ranges::transform(later, earlier, result.begin(), [](double a, double b) { return std::max(0.0, a - b); });
  return result;
}

std::size_t most_calls_of_each(const Stage& stage) {
  return stage.arrivals.empty() ? kMostCalls / stage.load.callers : stage.arrivals.size();
}

Times join(const std::vector<Times>& times) {
  Times all;
  for (const Times& each : times) {
    append(all.intended, each.intended);
    append(all.begun, each.begun);
    append(all.ended, each.ended);
  }
  return all;
}

LoadReport summarize_times(const Times& all, const Stage& stage) {
  LoadReport report;
  report.seconds = 1e-9 * *std::ranges::max_element(all.ended);
  report.latency = summarize(differences(all.ended, all.intended));
  report.queue = summarize(differences(all.begun, all.intended));
  report.service = summarize(differences(all.ended, all.begun));
  if (stage.arrivals.empty()) return report;
  report.backlog = longest_line(all);
  report.dropped = stage.arrivals.size() - report.latency.n;
  report.overloaded = report.dropped > 0 || 1e9 * report.seconds > 1.1 * stage.arrivals.back() + 1e6;
  return report;
}

}  // namespace

std::vector<double> arrival_times(const Load& load) {
  std::vector<double> times;
  if (load.rate <= 0) return times;
  std::mt19937_64 engine(load.seed);
  std::exponential_distribution<double> gap(load.rate);
  const auto count = std::clamp(load.rate * load.seconds, 1.0, static_cast<double>(kMostCalls));
  double now = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    now += 1e9 * (load.arrivals == Arrivals::poisson ? gap(engine) : 1 / load.rate);
    times.push_back(now);
  }
  return times;
}

LoadReport run_load(const Plan& plan, std::span<const float> rows, const Load& load) {
  Stage stage{load, arrival_times(load), 0, std::barrier<>(static_cast<std::ptrdiff_t>(load.callers))};
  std::vector<Caller> callers;
  for (std::size_t i = 0; i < load.callers; ++i) callers.emplace_back(plan, load.batch, rows);
  std::vector<Times> times(load.callers);
  for (Times& each : times) each.touch(most_calls_of_each(stage));
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < load.callers; ++i) {
      others.emplace_back([&, i] { take_part(stage, callers[i], times[i], false); });
    }
    take_part(stage, callers[0], times[0], true);
  }
  LoadReport report = summarize_times(join(times), stage);
  report.load = load;
  report.threads = plan.threads();
  return report;
}

}  // namespace lamina::tools
