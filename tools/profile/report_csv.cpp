// A Report -> one line of CSV per run.
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

}  // namespace

std::string to_csv(const Report& report) {
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
