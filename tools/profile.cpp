// lamina profile: a model or an architecture -> how fast, how steady, how close to this machine's limits, and why.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "help.hpp"
#include "output_options.hpp"
#include "profile/baseline.hpp"
#include "profile/environment.hpp"
#include "profile/options.hpp"
#include "profile/report_html.hpp"
#include "profile/report_json.hpp"
#include "profile/report_text.hpp"
#include "profile/session.hpp"
#include "profile/versus.hpp"

#include <lamina/data.hpp>

#include <memory>
#include <optional>

namespace lamina::tools {
namespace {

void print_report(const Report& report, const std::string& format) {
  if (format == "json") return print(json_text(to_json(report)));
  print(format == "csv" ? to_csv(report) : format == "md" ? to_markdown(report) : to_text(report));
}

ExitStatus compare_sides(const ProfileFlags& flags, const ProfilePlan& what) {
  Versus versus = run_versus(flags, what);
  bool kept = true;
  for (const VersusRun& run : versus.runs) {
    for (const Difference& difference : beyond(what.thresholds, run.differences)) {
      versus.verdict.push_back("FAIL: batch " + std::to_string(run.a.batch) + ": " + to_text(difference) + ".");
      kept = false;
    }
  }
  print(flags.format == "json" ? json_text(to_json(versus)) : to_text(versus));
  return kept ? kDone : kCheckFailed;
}

ExitStatus profile(const ProfileFlags& flags) {
  const ProfilePlan what = plan_profile(flags);
  if (!flags.pin.empty()) pin_to(flags.pin);
  if (what.against) return compare_sides(flags, what);
  // Before the work, so that a bad path shows at once.
  std::optional<Baseline> baseline;
  if (!flags.baseline.empty()) baseline.emplace(flags.baseline);
  std::optional<data::TextWriter> page;
  if (!flags.report.empty()) page.emplace(flags.report);
  Report report = run_profile(flags, what);
  const bool kept = !baseline || baseline->check(report, what.thresholds);
  if (page) {
    page->write(to_html(report));
    page->finish();
  }
  print_report(report, flags.format);
  return kept ? kDone : kCheckFailed;
}

/// Adds flags of one group.
class Group {
 public:
  Group(CLI::App& app, const char* name) : app_(app), name_(name) {}

  template <class T>
  CLI::Option* add(const char* flag, T& value, const char* text, const char* type) {
    return app_.add_option(flag, value, text)->type_name(type)->group(name_);
  }

 private:
  CLI::App& app_;
  const char* name_;
};

void add_load_options(CLI::App& app, ProfileFlags& flags) {
  Group load(app, "What is asked");
  load.add("--scenario", flags.scenario,
           "As in MLPerf: calls one after the other (the default), all rows in one call, or calls at given times",
           "single-stream|offline|server")
      ->check(CLI::IsMember({"single-stream", "offline", "server"}));
  load.add("--batch", flags.batch, "Rows per call: 1,8,64 or 1:4096:x2 or 1:8:1 (default 1)", "LIST");
  load.add("--threads", flags.threads,
           "The same for threads of a call; 0: all effective CPUs, the default; 1 where there are several callers",
           "LIST");
  load.add("--concurrency", flags.concurrency,
           "Callers of one Plan, each with the next call as soon as it has its answer; server: that take the calls "
           "(default: effective CPUs)",
           "LIST");
  load.add("--rate", flags.rate, "server: calls per second, timed from when they should have begun", "N")
      ->check(CLI::Range(0.001, 1e9));
  load.add("--arrivals", flags.arrivals, "server: how calls are spread over time (default poisson)", "poisson|constant")
      ->check(CLI::IsMember({"poisson", "constant"}));
  load.add("--slo", flags.slo, "server: looks for the highest rate that keeps to this, as 'p99<=2ms'", "LIMIT");
}

void add_measure_options(CLI::App& app, ProfileFlags& flags) {
  Group how(app, "How it is measured");
  how.add("--duration", flags.seconds, "Seconds for each of these (default 1)", "S")->check(CLI::Range(0.001, 86400.0));
  how.add("--cache", flags.cache, "cold: weights, rows and scratch out of the caches before each call", "warm|cold")
      ->check(CLI::IsMember({"warm", "cold"}));
  how.add("--isa", flags.isa, "A lower instruction set than the CPU's best", "sse4|avx2|avx512|neon");
  how.add("--pin", flags.pin, "Run on these CPUs only: 0,1", "LIST");
  app.add_flag("--no-roofs", flags.no_roofs, "Do not measure the machine's peak and bandwidths")
      ->group("How it is measured");
}

void add_comparison_options(CLI::App& app, ProfileFlags& flags) {
  Group comparison(app, "What it is compared with");
  comparison.add("--baseline", flags.baseline, "An older report: what --json wrote on this machine", "OLD.json");
  comparison.add(
      "--against", flags.against,
      "Two sides in turns: a second MODEL, or the same one with threads=N, isa=NAME, fuse=off, skip_zeros=off",
      "SETTINGS");
  comparison.add("--fail-if", flags.fail_if,
                 "Exit status 3 if that is certain to 95 %: 'p99>+10%' or 'p50>+5%,mean>+5%'", "LIMITS");
}

/// add_model_options and add_input_options say what they mean elsewhere.
void redescribe(CLI::App& app) {
  CLI::Option *seed = app.get_option("--seed"), *model = app.get_option("MODEL");
  seed->remove_excludes(model);
  model->remove_excludes(seed);
  seed->description("Draws the rows, arrival times, and the weights where MODEL is left out (default 0)");
  app.get_option("--input")->description("Rows to run: npy, npz, csv, json or jsonl (default: drawn from --seed)");
}

}  // namespace

Action add_profile(CLI::App& app) {
  const auto flags = std::make_shared<ProfileFlags>();
  flags->input.path.clear();
  add_model_options(app, flags->model, ModelFile::optional);
  app.add_option("OTHER", flags->other, "A second model: both in turns, side by side")->needs(app.get_option("MODEL"));
  add_load_options(app, *flags);
  add_measure_options(app, *flags);
  add_comparison_options(app, *flags);
  add_input_options(app, flags->input);
  redescribe(app);
  add_format_option(app, flags->format, {"text", "json", "csv", "md"});
  app.add_option("--report", flags->report, "Also writes one HTML page with plots, which needs no network")
      ->type_name("FILE.html");
  app.footer(
      "A percentile is shown where there are enough samples for it: p90 takes 64, p95 130, p99 662, p99.9 6,636.\n"
      "Steps are timed in runs of their own. docs/profile.md says how all is measured, and what the JSON holds.");
  return [flags] { return profile(*flags); };
}

}  // namespace lamina::tools
