// A Report -> one to three plain sentences: what bounds it, and what to try.
// SPDX-License-Identifier: Apache-2.0
#include "profile/verdict.hpp"

#include "profile/figures.hpp"

#include <algorithm>
#include <map>

namespace lamina::tools {
namespace {

constexpr double kBusy = 0.05;

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string name_of(const RunReport& run) {
  return "batch " + std::to_string(run.batch) +
         (run.threads > 1 ? " on at most " + std::to_string(run.threads) + " threads" : "");
}

const StepReport& slowest(const RunReport& run) { return *std::ranges::max_element(run.steps, {}, &StepReport::share); }

/// What the other sentences cannot be read without.
std::string busy_sentence(const RunReport& run) {
  if (run.waiting_share() < kBusy) return {};
  return "This machine was busy: " + percent_text(run.waiting_share()) + " of the time of " + name_of(run) +
         " went by waiting for a CPU that others had; measure again when it is idle.";
}

bool is_shared(const RunReport& run) {
  return std::ranges::any_of(run.steps, [](const StepReport& step) { return step.threads > 1; });
}

/// Where a run is far from its roof.
std::string rest_sentence(const RunReport& run) {
  constexpr std::size_t kFewRows = 16;  // from here on the fixed cost of a call and of a step is spread thin
  const std::string start = name_of(run) + " reaches " + percent_text(run.roof_share()) +
                            " of what this machine allows (" + duration_text(run.work.roof_ns) + "): ";
  if (run.batch >= kFewRows) return start + "activations and layers too narrow for full vectors are the rest.";
  return start + "fixed costs of small layers are the rest; larger batches will help" +
         (is_shared(run) ? "." : ", threads will not.");
}

/// Half the roof is what a network reaches whose layers are not too small for their fixed cost.
std::string bound_sentence(const RunReport& run) {
  const Work& work = run.work;
  const bool busy = run.waiting_share() >= kBusy;
  if (run.overhead_share > 0.3 && is_shared(run) && !busy) {
    return name_of(run) + " spends " + percent_text(run.overhead_share) +
           " of its time outside its steps, calling and awaiting threads: fewer threads or larger batches will help.";
  }
  if (work.roof_ns == 0) return {};
  if (busy && run.roof_share() < 0.7) return {};  // says nothing about the network
  if (run.roof_share() < 0.5) return rest_sentence(run);
  const std::string share = percent_text(run.roof_share());
  if (work.bound == Bound::memory) {
    return name_of(run) + " reads " + bytes_text(work.bytes) + " from " + work.level + " at " + share +
           " of its bandwidth: smaller weights or larger batches will help" +
           (work.level == "memory" ? ", threads hardly." : ".");
  }
  return name_of(run) + " computes at " + share +
         " of the FMA peak: only a smaller network or more threads will make it faster.";
}

std::string step_sentence(const RunReport& run) {
  const StepReport& step = slowest(run);
  if (run.steps.size() < 2 || step.share < 0.5) return {};
  return "Step " + std::to_string(&step - run.steps.data() + 1) + " (" + step.info.operation + ") takes " +
         percent_text(step.share) + " of the time of " + name_of(run) + ".";
}

/// A tail that has a cause.
std::string tail_sentence(const RunReport& run) {
  const Percentile& p99 = run.latency.percentile("p99");
  if (!p99.value || *p99.value < 1.5 * run.latency.typical()) return {};
  const std::string tail = "p99 is " + three_digits(*p99.value / run.latency.typical()) + " times p50";
  if (run.usage.throttled_periods > 0) {
    return tail + ": the cgroup's quota ran out in " + std::to_string(run.usage.throttled_periods) +
           " periods; fewer threads or a larger quota will help.";
  }
  const double calls = static_cast<double>(run.latency.n);
  if (static_cast<double>(run.usage.involuntary_switches) > 0.001 * calls) {
    return tail + ": this process lost its CPU " + std::to_string(run.usage.involuntary_switches) +
           " times to others; an idle CPU (--pin) will help.";
  }
  if (static_cast<double>(run.usage.minor_faults) > 0.01 * calls) {
    return tail + ", with " + std::to_string(run.usage.minor_faults) + " page faults.";
  }
  return {};
}

/// Of the median, which a busy neighbour moves least.
double typical_rate(const RunReport& run) { return static_cast<double>(run.batch) / run.latency.typical(); }

std::string batch_sentence(const Report& report) {
  const RunReport &first = report.runs.front(), &last = report.runs.back();
  const auto knee = std::ranges::find(report.knees, first.threads, &Knee::threads);
  if (knee == report.knees.end() || knee->batch == first.batch) return {};
  const RunReport& run = *std::ranges::find_if(
      report.runs, [&](const RunReport& each) { return each.threads == first.threads && each.batch == knee->batch; });
  return "Batch " + std::to_string(run.batch) + " costs " +
         three_digits(run.latency.typical() / first.latency.typical()) + " times the latency of batch " +
         std::to_string(first.batch) + " for " + three_digits(typical_rate(run) / typical_rate(first)) +
         " times its throughput" + (run.batch == last.batch ? "." : "; larger ones gain less than 10 %.");
}

std::string slo_sentence(const SloAnswer& answer) {
  if (!answer.best) return "No rate was found that keeps to " + answer.slo.text() + ".";
  const LoadReport& best = *answer.best;
  return three_digits(best.load.rate) + " calls/s (" +
         three_digits(best.load.rate * static_cast<double>(best.load.batch)) + " rows/s) of batch " +
         std::to_string(best.load.batch) + " is the highest rate found that keeps to " + answer.slo.text() + ": " +
         counted(best.load.callers, "caller") + " of " + counted(static_cast<std::size_t>(best.threads), "thread") +
         ".";
}

std::string load_sentence(const LoadReport& load) {
  if (!load.overloaded) return {};
  return three_digits(load.load.rate) + " calls/s of batch " + std::to_string(load.load.batch) +
         " is more than these callers can do: " + three_digits(load.calls_per_second()) + " were done.";
}

}  // namespace

std::vector<Knee> find_knees(const Report& report) {
  std::map<int, double> best;  // by threads
  for (const RunReport& run : report.runs) best[run.threads] = std::max(best[run.threads], typical_rate(run));
  std::vector<Knee> knees;
  for (const RunReport& run : report.runs) {
    const bool known = std::ranges::find(knees, run.threads, &Knee::threads) != knees.end();
    if (!known && typical_rate(run) >= 0.9 * best[run.threads]) knees.push_back({run.threads, run.batch});
  }
  return knees;
}

std::vector<std::string> find_verdict(const Report& report) {
  std::vector<std::string> sentences;
  const auto add = [&](std::string sentence) {
    if (sentence.empty() || sentences.size() == 3) return;
    if (sentence.front() == 'b') sentence.front() = 'B';
    sentences.push_back(std::move(sentence));
  };
  const RunReport& run = report.runs.front();
  add(busy_sentence(run));
  for (const SloAnswer& answer : report.answers) add(slo_sentence(answer));
  for (const LoadReport& load : report.loads) add(load_sentence(load));
  add(bound_sentence(run));
  add(batch_sentence(report));
  add(tail_sentence(run));
  add(step_sentence(run));
  return sentences;
}

}  // namespace lamina::tools
