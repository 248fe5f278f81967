// A model ready to run -> its latency, its causes and its steps, for one number of rows.
// SPDX-License-Identifier: Apache-2.0
#include "profile/measure.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace lamina::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlocks = 50;                         // stretches of time, for tests of differences
constexpr std::size_t kBlockSamples = 140;                  // kept of each
constexpr std::size_t kMostSamples = std::size_t{1} << 21;  // 16 MiB

double ns_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

double median(std::vector<double> samples) {
  std::ranges::sort(samples);
  return quantile(samples, 0.5);
}

/// Memory that, read from end to end, leaves nothing else in this CPU's caches.
class CacheSweep {
 public:
  explicit CacheSweep(bool wanted) {
    if (wanted) memory_.assign(std::max(2 * system_info().l3_bytes, std::size_t{64} << 20) / sizeof(std::uint64_t), 1);
  }
  void operator()() {
    for (std::size_t i = 0; i < memory_.size(); i += 8) ++memory_[i];
  }

 private:
  std::vector<std::uint64_t> memory_;
};

/// Times calls. Its memory is touched beforehand, so that writing a sample faults no page.
class Stopwatch {
 public:
  Stopwatch(const MeasureOptions& options, CacheSweep& sweep)
      : options_(options), sweep_(sweep), clock_ns_(options.clock_ns) {}

  /// What the clock adds to one call: less than a read by itself, since the CPU does a part of both at once. The median
  /// of single calls is compared with that of many between two reads.
  template <class Call>
  void calibrate(const Call& call) {
    constexpr std::size_t kRounds = 50;
    const double once = time(call);
    const auto calls = static_cast<std::size_t>(20e3 / std::max(once, 20.0));
    if (options_.cold || calls < 2) return;  // the clock is less than 0.2 % of a call
    std::vector<double> singles, blocks;
    for (std::size_t round = 0; round < kRounds; ++round) {
      const auto begin = Clock::now();
      for (std::size_t i = 0; i < calls; ++i) call();
      blocks.push_back((ns_between(begin, Clock::now()) - options_.clock_ns) / static_cast<double>(calls));
      for (std::size_t i = 0; i < calls; ++i) singles.push_back(time(call) + clock_ns_);
    }
    clock_ns_ = std::clamp(median(std::move(singles)) - median(std::move(blocks)), 0.0, options_.clock_ns);
  }
  [[nodiscard]] double clock_ns() const { return clock_ns_; }

  template <class Call>
  double time(const Call& call) {
    if (options_.cold) sweep_();
    const auto begin = Clock::now();
    call();
    return std::max(0.0, ns_between(begin, Clock::now()) - clock_ns_);
  }

  /// Appends to `samples` for `seconds`, until it is full, and at least once.
  template <class Call>
  void collect(double seconds, std::vector<double>& samples, std::size_t most, const Call& call) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    do samples.push_back(time(call));
    while (samples.size() < most && Clock::now() < end);
  }

 private:
  const MeasureOptions& options_;
  CacheSweep& sweep_;
  double clock_ns_;
};

/// Until the medians of three windows in a row lie within 5 %, for at most as long as the measurement itself.
void warm_up(Stopwatch& watch, Caller& caller, const MeasureOptions& options, RunReport& report) {
  const double window = std::min(0.02, options.seconds / 20);
  const auto deadline = Clock::now() + std::chrono::duration<double>(std::max(options.seconds, 3 * window));
  std::vector<double> medians;
  while (!report.steady && Clock::now() < deadline) {
    std::vector<double> samples;
    watch.collect(window, samples, kMostSamples, [&] { caller.call(); });
    report.warmup_calls += samples.size();
    medians.push_back(median(std::move(samples)));
    if (medians.size() < 3) continue;
    const auto [low, high] = std::minmax_element(medians.end() - 3, medians.end());
    report.steady = *high <= 1.05 * *low;
  }
}

/// At most kBlockSamples of them, evenly spaced.
std::vector<double> thinned(std::span<const double> samples) {
  std::vector<double> kept;
  const std::size_t count = std::min(kBlockSamples, samples.size());
  for (std::size_t i = 0; i < count; ++i) kept.push_back(samples[i * samples.size() / count]);
  return kept;
}

/// One of two that take turns.
struct Turn {
  explicit Turn(Caller& of) : caller(of) {}

  Caller& caller;
  std::vector<double> samples = std::vector<double>(kMostSamples);  // touched
  Blocks blocks = {};

  std::size_t first = 0;  // of the current block

  /// Allocates nothing.
  void measure(Stopwatch& watch, double seconds, std::size_t block) {
    if (block == 0) samples.clear();
    first = samples.size();
    watch.collect(seconds, samples, kMostSamples / kBlocks * (block + 1), [&] { caller.call(); });
  }
  void keep_block() { blocks.push_back(thinned(std::span(samples).subspan(first))); }
};

/// In turns where there is a second one: what disturbs one disturbs the other.
void measure_latency(Stopwatch& watch, Caller& caller, Caller* beside, const MeasureOptions& options,
                     RunReport& report) {
  Turn turn(caller);
  std::optional<Turn> other;
  if (beside != nullptr) other.emplace(*beside);
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const Usage before = usage_before();
    turn.measure(watch, options.seconds / kBlocks, block);
    report.usage = report.usage + (usage_after() - before);
    turn.keep_block();
    if (!other) continue;
    other->measure(watch, options.seconds / kBlocks, block);
    other->keep_block();
  }
  report.blocks = std::move(turn.blocks);
  report.histogram = histogram_of(turn.samples);
  report.latency = summarize(std::move(turn.samples));
  if (!other) return;
  report.beside_blocks = std::move(other->blocks);
  report.beside = summarize(std::move(other->samples));
}

/// What Profilers said, run by run.
struct StepSamples {
  std::vector<double> runs;                // by the profiler's own clock
  std::vector<std::vector<double>> steps;  // [step][run]
  std::vector<int> threads;                // the most that took part in each step

  explicit StepSamples(std::size_t count) : steps(count), threads(count, 1) {}

  void add(const RunTimes& times) {
    runs.push_back(static_cast<double>(times.nanoseconds));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].push_back(static_cast<double>(times.steps[i].nanoseconds));
      threads[i] = std::max(threads[i], times.steps[i].threads);
    }
  }

  /// The sum of `samples` over the faster nine tenths of the runs: one that lost its CPU for 4 ms says nothing about
  /// the step that it happened in.
  [[nodiscard]] double sum_of_fast(const std::vector<double>& samples) const {
    std::vector<double> ascending = runs;
    std::ranges::sort(ascending);
    const double limit = quantile(ascending, 0.9);
    double sum = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) sum += runs[i] <= limit ? samples[i] : 0;
    return sum;
  }
};

void report_steps(StepSamples samples, const Caller& caller, RunReport& report) {
  const std::vector<StepInfo> infos = caller.plan().steps();
  const std::vector<StepZeros> zeros = count_zeros(caller.plan(), caller.rows());
  const double whole = std::max(samples.sum_of_fast(samples.runs), 1.0);
  const double runs = samples.sum_of_fast(std::vector<double>(samples.runs.size(), 1.0));
  report.overhead_share = 1;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const double share = samples.sum_of_fast(samples.steps[i]) / whole;
    report.overhead_share -= share;
    report.steps.push_back(
        {infos[i], summarize(std::move(samples.steps[i])), share, samples.threads[i], zeros[i].share()});
  }
  report.overhead_share = std::max(0.0, report.overhead_share);  // below by rounding, where there is none
  report.overhead_ns = report.overhead_share * whole / runs;
}

/// Separate runs, because clock reads cost time: what they cost is reported too.
void measure_steps(Stopwatch& watch, Caller& caller, const MeasureOptions& options, RunReport& report) {
  constexpr std::size_t kMostRuns = 20000;
  Profiler profiler(caller.plan());
  StepSamples samples(caller.plan().steps().size());
  std::vector<double> runs;
  const auto call = [&] { caller.call(profiler); };
  const auto end = Clock::now() + std::chrono::duration<double>(std::max(options.seconds / 2, 0.01));
  do {
    runs.push_back(watch.time(call));
    samples.add(profiler.times());
  } while (runs.size() < kMostRuns && Clock::now() < end);
  report.profiled_ns = median(std::move(runs));
  report_steps(std::move(samples), caller, report);
}

}  // namespace

Caller::Caller(const Plan& plan, std::size_t batch, std::span<const float> rows)
    : plan_(plan),
      batch_(batch),
      workspace_(plan.workspace(batch)),
      x_(rows.begin(), rows.end()),
      y_(batch * plan.output_size()) {
  const std::size_t size = batch * plan.input_size();
  x_.reserve(std::max(size, x_.size()));
  for (std::size_t i = 0; x_.size() < size; ++i) x_.push_back(rows[i % rows.size()]);
  x_.resize(x_.size() / size * size);
}

RunReport measure(Caller& caller, Caller* beside, const MeasureOptions& options) {
  RunReport report;
  report.batch = caller.batch();
  report.threads = caller.plan().threads();
  report.isa = caller.plan().isa();
  report.cold = options.cold;
  report.workspace_bytes = caller.workspace().bytes();
  CacheSweep sweep(options.cold);
  Stopwatch watch(options, sweep);
  const auto begin = Clock::now();
  report.first_ns = watch.time([&] { caller.call(); });
  warm_up(watch, caller, options, report);
  watch.calibrate([&] { caller.call(); });
  report.clock_ns = watch.clock_ns();
  if (beside != nullptr) beside->call();
  measure_latency(watch, caller, beside, options, report);
  measure_steps(watch, caller, options, report);
  report.seconds = ns_between(begin, Clock::now()) * 1e-9;
  return report;
}

}  // namespace lamina::tools
