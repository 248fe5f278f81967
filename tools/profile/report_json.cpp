// A Report -> JSON of the schema "lamina.profile/1", which docs/profile.md describes.
// SPDX-License-Identifier: Apache-2.0
#include "profile/report_json.hpp"

#include <cmath>

namespace lamina::tools {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t whole(double value) { return std::llround(value); }

Json to_json(const Interval& interval) { return {whole(interval.low), whole(interval.high)}; }

/// "p99.9" is p999: a name that every language can take for a member.
std::string key_of(const Percentile& p) { return p.name == "p99.9" ? "p999" : p.name; }

Json to_json(const Summary& s) {
  Json json = {{"n", s.n}, {"min", whole(s.min)}, {"mean", s.mean}, {"sd", s.sd}};
  Json intervals = {{"mean", to_json(s.mean_interval)}}, missing = Json::object();
  for (const Percentile& p : s.percentiles) {
    json[key_of(p)] = p.value ? Json(whole(*p.value)) : Json();
    if (p.value) intervals[key_of(p)] = to_json(p.interval);
    if (!p.value) missing[key_of(p)] = p.least;
  }
  json["max"] = whole(s.max);
  json["interval95"] = intervals;
  json["samples_needed"] = missing;
  return json;
}

Json to_json(const Roofs& roofs) {
  Json levels = Json::array();
  for (const MemoryLevel& level : roofs.levels) {
    levels.push_back({{"name", level.name},
                      {"bytes", level.bytes == 0 ? Json() : Json(level.bytes)},
                      {"gigabytes_per_second", level.gigabytes_per_second}});
  }
  return {{"threads", roofs.threads}, {"gflops", roofs.gigaflops}, {"levels", levels}};
}

Json to_json(const Environment& e) {
  Json roofs = Json::array();
  for (const Roofs& each : e.roofs) roofs.push_back(to_json(each));
  return {{"cpu", e.system.cpu},
          {"gigahertz_estimate", e.gigahertz},
          {"cpus",
           {{"hardware", e.system.hardware_threads},
            {"affinity", e.system.affinity_cpus},
            {"cgroup_quota", e.system.cgroup_quota == 0 ? Json() : Json(e.system.cgroup_quota)},
            {"effective", e.system.effective_cpus}}},
          {"load_average", e.load_average},
          {"clock_read_ns", e.clock_ns},
          {"roofs", roofs},
          {"versions", {{"lamina", version()}, {"onetbb", e.system.tbb}}}};
}

Json to_json(const Usage& usage) {
  return {{"cpu_seconds", usage.cpu_seconds},
          {"allocations", usage.allocations},
          {"minor_faults", usage.minor_faults},
          {"major_faults", usage.major_faults},
          {"voluntary_switches", usage.voluntary_switches},
          {"involuntary_switches", usage.involuntary_switches},
          {"queue_ns", usage.queue_ns},
          {"throttled_periods", usage.throttled_periods}};
}

Json to_json(const StepReport& step) {
  return {{"layers", step.info.layers},
          {"operation", step.info.operation},
          {"kernel", step.info.kernel},
          {"threads", step.threads},
          {"latency_ns", to_json(step.ns)},
          {"share", step.share},
          {"roof_share", step.roof > 0 ? Json(step.roof) : Json()},
          {"flops_per_row", step.info.flops_per_row},
          {"weight_bytes", step.info.weight_bytes},
          {"skips_zeros", step.info.skips_zeros},
          {"zeros", step.zeros}};
}

Json blocks_of(const RunReport& run) {
  Json blocks = Json::array();
  for (const std::vector<double>& block : run.blocks) {
    Json samples = Json::array();
    for (const double sample : block) samples.push_back(whole(sample));
    blocks.push_back(std::move(samples));
  }
  return blocks;
}

Json to_json(const RunReport& run) {
  const bool known = run.work.roof_ns > 0;
  Json steps = Json::array();
  for (const StepReport& step : run.steps) steps.push_back(to_json(step));
  return {{"batch", run.batch},
          {"threads", run.threads},
          {"isa", to_string(run.isa)},
          {"cache", run.cold ? "cold" : "warm"},
          {"first_run_ns", whole(run.first_ns)},
          {"warmup", {{"calls", run.warmup_calls}, {"steady", run.steady}}},
          {"seconds", run.seconds},
          {"latency_ns", to_json(run.latency)},
          {"dense_latency_ns", run.dense ? to_json(*run.dense) : Json()},
          {"rows_per_second", run.rows_per_second()},
          {"gflops", run.gigaflops()},
          {"gigabytes_per_second", run.gigabytes_per_second()},
          {"roof",
           {{"share", known ? Json(run.roof_share()) : Json()},
            {"ns", known ? Json(run.work.roof_ns) : Json()},
            {"bound", known ? Json(run.work.bound == Bound::memory ? run.work.level : "FMA") : Json()}}},
          {"cpu_seconds_per_1000_rows", run.cpu_seconds_per_1000_rows()},
          {"usage", to_json(run.usage)},
          {"workspace_bytes", run.workspace_bytes},
          {"steps", steps},
          {"overhead", {{"mean_ns", run.overhead_ns}, {"share", run.overhead_share}}},
          {"profiled_p50_ns", whole(run.profiled_ns)},
          {"blocks_ns", blocks_of(run)}};
}

}  // namespace

Json to_json(const Report& report) {
  Json runs = Json::array();
  for (const RunReport& run : report.runs) runs.push_back(to_json(run));
  return {{"schema", kProfileSchema},
          {"model", report.model},
          {"parameters", report.parameters},
          {"input", report.input},
          {"seed", report.seed},
          {"duration_seconds", report.duration},
          {"environment", to_json(report.environment)},
          {"start_ns",
           {{"read", whole(report.start.read_ns)},
            {"load", whole(report.start.load_ns)},
            {"compile", whole(report.start.compile_ns)}}},
          {"memory_bytes",
           {{"weights", report.weight_bytes}, {"packed", report.packed_bytes}, {"peak", report.peak_bytes}}},
          {"runs", runs},
          {"verdict", report.verdict}};
}

}  // namespace lamina::tools
