// A Report -> aligned tables for people, or Markdown: the same tables, drawn differently.
// SPDX-License-Identifier: Apache-2.0
#include "profile/report_text.hpp"

#include "profile/figures.hpp"
#include "table.hpp"

#include <functional>
#include <numeric>

namespace lamina::tools {
namespace {

using Rows = std::vector<std::vector<std::string>>;
/// Rows, the first of them a header or not, and the columns that hold numbers.
using Draw = std::function<std::string(const Rows&, const std::vector<std::size_t>&, bool header)>;

std::string draw_aligned(const Rows& rows, const std::vector<std::size_t>& right, bool) {
  return format_table(rows, right) + "\n";
}

std::string draw_markdown(const Rows& rows, const std::vector<std::size_t>& right, bool header) {
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    text += "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    text += "\n";
  };
  line(header ? rows.front() : std::vector<std::string>(rows.front().size()));
  std::vector<std::string> rule(rows.front().size(), "---");
  for (const std::size_t column : right) rule[column] = "---:";
  line(rule);
  for (std::size_t i = header ? 1 : 0; i < rows.size(); ++i) line(rows[i]);
  return text + "\n";
}

std::string quota_text(double quota) { return quota == 0 ? "none" : three_digits(quota); }

Rows about_machine(const Report& report) {
  const Environment& e = report.environment;
  Rows rows = {
      {"CPU", e.system.cpu + ", about " + three_digits(e.gigahertz) + " GHz"},
      {"Instruction set", std::string(to_string(report.runs.front().isa))},
      {"Effective CPUs", std::to_string(e.system.effective_cpus) + " (hardware " +
                             std::to_string(e.system.hardware_threads) + ", affinity " +
                             std::to_string(e.system.affinity_cpus) + ", cgroup quota " +
                             quota_text(e.system.cgroup_quota) + "), load average " + three_digits(e.load_average)},
      {"Versions", "lamina " + std::string(version()) + ", oneTBB " + e.system.tbb},
      {"Clock read", duration_text(e.clock_ns) + "; what it adds to a call is taken off"},
  };
  for (const Roofs& roofs : e.roofs) {
    std::string text = three_digits(roofs.gigaflops) + " GFLOP/s";
    for (const MemoryLevel& level : roofs.levels) {
      text += ", " + level.name + " " + three_digits(level.gigabytes_per_second);
    }
    rows.push_back({"Roofs, threads " + std::to_string(roofs.threads), text + " GB/s"});
  }
  return rows;
}

/// Architecture text may be pages long.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 100;
  return text.size() <= kMost ? text : text.substr(0, kMost - 20) + "...";
}

Rows about_model(const Report& report) {
  const StartTimes& start = report.start;
  const std::string read = start.read_ns > 0 ? "read the file " + duration_text(start.read_ns) + ", then " : "";
  return {
      {"Model", shortened(report.model) + ", " + with_commas(report.parameters) + " parameters"},
      {"Rows", report.input},
      {"Start",
       read + "load " + duration_text(start.load_ns) + ", passes and packing " + duration_text(start.compile_ns)},
      {"Memory", "weights " + bytes_text(static_cast<double>(report.weight_bytes)) + ", packed " +
                     bytes_text(static_cast<double>(report.packed_bytes)) + ", peak of the process " +
                     bytes_text(static_cast<double>(report.peak_bytes))},
      {"Idle", "this process kept " + percent_text(report.idle_cpu) + " of a CPU busy when nothing was asked"},
  };
}

std::string cell(const Percentile& p) { return p.value ? duration_text(*p.value) : "needs " + with_commas(p.least); }

void add_latency(Rows& rows, const RunReport& run, const Summary& s, const std::string& note) {
  std::vector<std::string> row = {std::to_string(run.batch), std::to_string(run.threads), note,
                                  with_commas(s.n),          duration_text(s.min),        duration_text(s.mean),
                                  duration_text(s.sd)};
  for (const Percentile& p : s.percentiles) row.push_back(cell(p));
  row.push_back(duration_text(s.max));
  rows.push_back(std::move(row));
}

Rows latencies(const Report& report) {
  Rows rows = {{"Batch", "Threads", "", "n", "min", "mean", "sd", "p50", "p90", "p95", "p99", "p99.9", "max"}};
  for (const RunReport& run : report.runs) {
    add_latency(rows, run, run.latency, run.beside ? "as measured" : run.cold ? "cold" : "");
    if (run.beside) add_latency(rows, run, *run.beside, "dense");
  }
  return rows;
}

std::string interval_text(const Percentile& p) {
  return p.value ? duration_text(p.interval.low) + " to " + duration_text(p.interval.high) : "-";
}

Rows intervals(const Report& report) {
  Rows rows = {{"Batch", "Threads", "mean, 95 % interval", "p50", "p99", "first run", "first / p50", "warm-up calls"}};
  for (const RunReport& run : report.runs) {
    const Interval& mean = run.latency.mean_interval;
    rows.push_back({std::to_string(run.batch), std::to_string(run.threads),
                    duration_text(mean.low) + " to " + duration_text(mean.high),
                    interval_text(run.latency.percentile("p50")), interval_text(run.latency.percentile("p99")),
                    duration_text(run.first_ns), three_digits(run.first_ns / run.latency.typical()),
                    with_commas(run.warmup_calls) + (run.steady ? "" : ", not steady")});
  }
  return rows;
}

Rows rates(const Report& report) {
  Rows rows = {{"Batch", "Threads", "rows/s", "GFLOP/s", "GB/s", "of roof", "bound by", "workspace"}};
  for (const RunReport& run : report.runs) {
    const bool known = run.work.roof_ns > 0;
    const std::string bound = run.work.bound == Bound::memory ? run.work.level : "FMA";
    rows.push_back({std::to_string(run.batch), std::to_string(run.threads), three_digits(run.rows_per_second()),
                    three_digits(run.gigaflops()), three_digits(run.gigabytes_per_second()),
                    known ? percent_text(run.roof_share()) : "-", known ? bound : "-",
                    bytes_text(static_cast<double>(run.workspace_bytes))});
  }
  return rows;
}

Rows causes(const Report& report) {
  Rows rows = {{"Batch", "Threads", "CPU s / 1000 rows", "allocations", "page faults", "switches", "involuntary",
                "waited for CPU", "throttled"}};
  for (const RunReport& run : report.runs) {
    const Usage& usage = run.usage;
    rows.push_back({std::to_string(run.batch), std::to_string(run.threads),
                    duration_text(1e9 * run.cpu_seconds_per_1000_rows()), std::to_string(usage.allocations),
                    std::to_string(usage.minor_faults + usage.major_faults), std::to_string(usage.voluntary_switches),
                    std::to_string(usage.involuntary_switches), duration_text(static_cast<double>(usage.queue_ns)),
                    std::to_string(usage.throttled_periods)});
  }
  return rows;
}

Rows changes(const Report& report) {
  Rows rows = {{"Batch", "Threads", "", "before", "now", "now / before", "95 % interval"}};
  for (const RunDifference& run : report.changes) {
    for (const Difference& d : run.differences) {
      rows.push_back({std::to_string(run.batch), std::to_string(run.threads), d.metric, duration_text(d.before),
                      duration_text(d.after), three_digits(d.ratio),
                      three_digits(d.interval.low) + " to " + three_digits(d.interval.high)});
    }
  }
  return rows;
}

std::string rate_text(const LoadReport& load) {
  if (load.load.rate <= 0) return "no pause";
  return three_digits(load.load.rate) + "/s " + (load.load.arrivals == Arrivals::poisson ? "poisson" : "constant");
}

std::string note_on(const LoadReport& load) {
  std::string note = load.dense ? "dense" : "";
  if (load.overloaded) note += (note.empty() ? "" : ", ") + std::string("overloaded");
  if (load.dropped > 0) note += ", " + with_commas(load.dropped) + " dropped";
  return note;
}

/// Latency of a load, and the two parts that it has.
Rows load_rows(const Report& report) {
  Rows rows = {{"Batch", "Threads", "Callers", "Asked", "calls/s", "rows/s", "n", "", "p50", "p90", "p95", "p99",
                "p99.9", "max", "waiting", ""}};
  for (const LoadReport& load : report.loads) {
    const auto add = [&](std::vector<std::string> row, const Summary& s, const std::string& part) {
      row.resize(7);
      row.push_back(part);
      for (const Percentile& p : s.percentiles) row.push_back(cell(p));
      row.push_back(duration_text(s.max));
      rows.push_back(std::move(row));
    };
    add({std::to_string(load.load.batch), std::to_string(load.threads), std::to_string(load.load.callers),
         rate_text(load), three_digits(load.calls_per_second()), three_digits(load.rows_per_second()),
         with_commas(load.latency.n)},
        load.latency, "latency");
    rows.back().insert(rows.back().end(), {"at most " + with_commas(load.backlog), note_on(load)});
    if (load.load.rate <= 0) continue;
    add({}, load.queue, "in line");
    add({}, load.service, "in the call");
  }
  return rows;
}

Rows trials(const SloAnswer& answer) {
  Rows rows = {{"calls/s", answer.slo.percentile, ""}};
  for (const LoadReport& each : answer.tried) {
    rows.push_back({three_digits(each.load.rate), cell(each.latency.percentile(answer.slo.percentile)),
                    answer.slo.met(each) ? "kept"
                    : each.overloaded    ? "overloaded"
                                         : "missed"});
  }
  return rows;
}

std::string step_zeros(const StepReport& step) { return step.info.skips_zeros ? percent_text(step.zeros) : "-"; }

Rows steps(const RunReport& run) {
  Rows rows = {{"Step", "Layers", "Operation", "Kernel", "Threads", "p50", "p99", "share", "of roof", "zeros skipped"}};
  for (const StepReport& step : run.steps) {
    rows.push_back({std::to_string(rows.size()), step.info.layers, step.info.operation, step.info.kernel,
                    step.threads == 1 ? "inline" : std::to_string(step.threads), cell(step.ns.percentile("p50")),
                    cell(step.ns.percentile("p99")), percent_text(step.share),
                    step.roof > 0 ? percent_text(step.roof) : "-", run.batch == 1 ? step_zeros(step) : "-"});
  }
  rows.push_back({"", "", "overhead", "", "", duration_text(run.overhead_ns), "", percent_text(run.overhead_share)});
  return rows;
}

std::vector<std::size_t> columns(std::size_t first, std::size_t last) {
  std::vector<std::size_t> numbers(last - first + 1);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

std::string draw(const Report& report, const std::string& mark, const Draw& table) {
  std::string text = table(about_machine(report), {}, false) + table(about_model(report), {}, false);
  text += mark + "Latency per call\n\n" + table(latencies(report), {0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, true);
  text += table(intervals(report), {0, 1, 5, 6, 7}, true);
  text += mark + "Throughput\n\n" + table(rates(report), {0, 1, 2, 3, 4, 5, 7}, true);
  text += mark + "Costs and causes, in all calls\n\n" + table(causes(report), columns(0, 8), true);
  if (!report.changes.empty()) {
    text += mark + "Since the baseline\n\n" + table(changes(report), {0, 1, 3, 4, 5}, true);
  }
  if (!report.loads.empty()) {
    text += mark + "Load: time from when a call should have begun\n\n" +
            table(load_rows(report), {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13}, true);
  }
  for (const SloAnswer& answer : report.answers) {
    text += mark + "Rates tried for " + answer.slo.text() + "\n\n" + table(trials(answer), {0, 1}, true);
  }
  for (const RunReport& run : report.runs) {
    text += mark + "Steps of batch " + std::to_string(run.batch) + ", threads " + std::to_string(run.threads) + ": " +
            duration_text(run.profiled_ns) + " with a clock read per step, " + duration_text(run.latency.typical()) +
            " without\n\n" + table(steps(run), {0, 4, 5, 6, 7, 8, 9}, true);
  }
  for (const std::string& sentence : report.verdict) text += sentence + "\n";
  return text;
}

}  // namespace

std::string to_text(const Report& report) { return draw(report, "", draw_aligned); }
std::string to_markdown(const Report& report) { return draw(report, "### ", draw_markdown); }

}  // namespace lamina::tools
