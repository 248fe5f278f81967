// A Report -> one line of CSV per run, or per load where there are loads.
// SPDX-License-Identifier: Apache-2.0
#include "profile/report_text.hpp"

#include <array>
#include <charconv>
#include <initializer_list>

namespace lamina::tools {
namespace {

std::string number(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void append(std::string& line, std::initializer_list<double> values) {
  for (const double value : values) line += "," + number(value);
}

void append(std::string& line, const Percentile& p) { line += "," + (p.value ? number(*p.value) : std::string()); }

std::string loads_to_csv(const Report& report) {
  std::string text =
      "batch,threads,callers,rate,arrivals,n,min_ns,mean_ns,sd_ns,p50_ns,p90_ns,p95_ns,p99_ns,p99.9_ns,max_ns,"
      "queue_p50_ns,queue_p99_ns,service_p50_ns,service_p99_ns,calls_per_second,rows_per_second,backlog,dropped,"
      "overloaded\n";
  for (const LoadReport& load : report.loads) {
    const bool open = load.load.rate > 0;
    const Summary& s = load.latency;
    std::string line = std::to_string(load.load.batch) + "," + std::to_string(load.threads) + "," +
                       std::to_string(load.load.callers) + "," + (open ? number(load.load.rate) : "") + "," +
                       (!open                                     ? ""
                        : load.load.arrivals == Arrivals::poisson ? "poisson"
                                                                  : "constant") +
                       "," + std::to_string(s.n);
    append(line, {s.min, s.mean, s.sd});
    for (const Percentile& p : s.percentiles) append(line, p);
    append(line, {s.max});
    for (const Summary* part : {&load.queue, &load.service}) {
      append(line, part->percentile("p50"));
      append(line, part->percentile("p99"));
    }
    append(line, {load.calls_per_second(), load.rows_per_second()});
    text += line + "," + std::to_string(load.backlog) + "," + std::to_string(load.dropped) + "," +
            (load.overloaded ? "1" : "0") + "\n";
  }
  return text;
}

}  // namespace

std::string to_csv(const Report& report) {
  if (!report.loads.empty()) return loads_to_csv(report);
  std::string text =
      "batch,threads,isa,cache,n,min_ns,mean_ns,sd_ns,p50_ns,p90_ns,p95_ns,p99_ns,p99.9_ns,max_ns,dense_p99_ns,"
      "first_run_ns,rows_per_second,gflops,gigabytes_per_second,roof_share,cpu_seconds_per_1000_rows,overhead_share\n";
  for (const RunReport& run : report.runs) {
    const Summary& s = run.latency;
    std::string line = std::to_string(run.batch) + "," + std::to_string(run.threads) + "," +
                       std::string(to_string(run.isa)) + (run.cold ? ",cold," : ",warm,") + std::to_string(s.n);
    append(line, {s.min, s.mean, s.sd});
    for (const Percentile& p : s.percentiles) append(line, p);
    append(line, {s.max});
    append(line, (run.beside ? *run.beside : s).percentile("p99"));
    append(line, {run.first_ns, run.rows_per_second(), run.gigaflops(), run.gigabytes_per_second(), run.roof_share(),
                  run.cpu_seconds_per_1000_rows(), run.overhead_share});
    text += line + "\n";
  }
  return text;
}

}  // namespace lamina::tools
