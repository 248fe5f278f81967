// A Report -> JSON of the schema "lamina.profile/1", which docs/profile.md describes.
// SPDX-License-Identifier: Apache-2.0
#include "profile/report_json.hpp"

#include <algorithm>
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
          {"flops", step.flops},
          {"bytes", step.bytes},
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
          {"clock_ns", run.clock_ns},
          {"warmup", {{"calls", run.warmup_calls}, {"steady", run.steady}}},
          {"seconds", run.seconds},
          {"latency_ns", to_json(run.latency)},
          {"histogram", {{"edges_ns", run.histogram.edges}, {"counts", run.histogram.counts}}},
          {"dense_latency_ns", run.beside ? to_json(*run.beside) : Json()},
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

Json to_json(const LoadReport& report) {
  const Load& load = report.load;
  return {{"batch", load.batch},
          {"threads", report.threads},
          {"callers", load.callers},
          {"rate", load.rate > 0 ? Json(load.rate) : Json()},
          {"arrivals", load.rate <= 0 ? Json() : Json(load.arrivals == Arrivals::poisson ? "poisson" : "constant")},
          {"dense", report.dense},
          {"seconds", report.seconds},
          {"calls_per_second", report.calls_per_second()},
          {"rows_per_second", report.rows_per_second()},
          {"latency_ns", to_json(report.latency)},
          {"queue_ns", to_json(report.queue)},
          {"service_ns", to_json(report.service)},
          {"backlog", report.backlog},
          {"dropped", report.dropped},
          {"overloaded", report.overloaded}};
}

Json to_json(const SloAnswer& answer) {
  Json tried = Json::array();
  for (const LoadReport& each : answer.tried) {
    const std::optional<double> value = each.latency.percentile(answer.slo.percentile).value;
    tried.push_back(
        {{"rate", each.load.rate}, {"value_ns", value ? Json(whole(*value)) : Json()}, {"met", answer.slo.met(each)}});
  }
  return {{"slo", answer.slo.text()},
          {"rate", answer.best ? Json(answer.best->load.rate) : Json()},
          {"rows_per_second",
           answer.best ? Json(answer.best->load.rate * static_cast<double>(answer.best->load.batch)) : Json()},
          {"tried", tried}};
}

Json to_json(const RunDifference& run) {
  Json differences = Json::array();
  for (const Difference& d : run.differences) differences.push_back(lamina::tools::to_json(d));
  return {{"batch", run.batch}, {"threads", run.threads}, {"differences", differences}};
}

Json to_json(const Knee& knee) { return {{"threads", knee.threads}, {"batch", knee.batch}}; }

template <class Range>
Json list_of(const Range& range) {
  Json list = Json::array();
  for (const auto& each : range) list.push_back(to_json(each));
  return list;
}

bool is_short(const Json& json) {
  return json.is_array() && std::ranges::none_of(json, [](const Json& each) { return each.is_structured(); });
}

void append_text(std::string& text, const Json& json, std::size_t indent) {
  if (!json.is_structured() || json.empty() || is_short(json)) {
    text += json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  text += json.is_object() ? "{" : "[";
  const char* separator = "\n";
  for (const auto& [key, value] : json.items()) {
    text += separator + std::string(indent + 2, ' ');
    if (json.is_object()) text += Json(key).dump() + ": ";
    append_text(text, value, indent + 2);
    separator = ",\n";
  }
  text += "\n" + std::string(indent, ' ') + (json.is_object() ? "}" : "]");
}

}  // namespace

Json to_json(const Difference& d) {
  return {{"metric", d.metric},
          {"before_ns", whole(d.before)},
          {"after_ns", whole(d.after)},
          {"ratio", d.ratio},
          {"interval95", {d.interval.low, d.interval.high}}};
}

std::string json_text(const Json& document) {
  std::string text;
  append_text(text, document, 0);
  return text + "\n";
}

Json to_json(const Report& report) {
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
          {"idle_cpu", report.idle_cpu},
          {"runs", list_of(report.runs)},
          {"loads", list_of(report.loads)},
          {"slo", list_of(report.answers)},
          {"changes", list_of(report.changes)},
          {"knees", list_of(report.knees)},
          {"verdict", report.verdict}};
}

}  // namespace lamina::tools
