// Two models, or two settings of one -> the same calls in turns, and which is faster.
// SPDX-License-Identifier: Apache-2.0
#include "profile/versus.hpp"

#include "profile/environment.hpp"
#include "profile/figures.hpp"
#include "profile/measure.hpp"
#include "profile/report_json.hpp"
#include "profile/rows.hpp"
#include "table.hpp"

#include <algorithm>
#include <cmath>

namespace lamina::tools {
namespace {

CompileOptions settings_of_a(const ProfilePlan& what) {
  CompileOptions how = compile_options(static_cast<int>(what.threads.front()));
  how.isa = what.isa;
  return how;
}

CompileOptions settings_of_b(const ProfilePlan& what) {
  CompileOptions how = settings_of_a(what);
  const Against& against = *what.against;
  if (against.threads) how.threads = static_cast<int>(*against.threads);
  if (against.isa) how.isa = against.isa;
  how.fuse = against.fuse.value_or(how.fuse);
  how.skip_zeros = against.skip_zeros.value_or(how.skip_zeros);
  return how;
}

std::string describe(const std::string& model, const Plan& plan, const CompileOptions& how) {
  constexpr std::size_t kMost = 80;
  std::string text = model.size() <= kMost ? model : model.substr(0, kMost - 3) + "...";
  text += ", " + std::string(to_string(plan.isa())) + ", threads " + std::to_string(plan.threads());
  if (!how.fuse) text += ", fuse off";
  if (!how.skip_zeros) text += ", skip_zeros off";
  return text;
}

/// "Step 2 (Linear(...)) makes 1.20 us of a difference of 1.30 us." where both sides have as many steps.
std::string step_sentence(const VersusRun& run) {
  if (run.a.steps.size() != run.b.steps.size() || run.a.steps.size() < 2) return {};
  const auto median = std::ranges::find(run.differences, std::string("p50"), &Difference::metric);
  if (median == run.differences.end() || (median->interval.low <= 1 && median->interval.high >= 1)) return {};
  const double whole = median->after - median->before;
  std::size_t largest = 0;
  double most = 0;
  for (std::size_t i = 0; i < run.a.steps.size(); ++i) {
    const double difference = run.b.steps[i].ns.typical() - run.a.steps[i].ns.typical();
    if (difference * whole <= most * whole) continue;
    largest = i;
    most = difference;
  }
  if (most / whole < 0.5 || most / whole > 1.5) return {};  // several steps differ, or in both directions
  return "Step " + std::to_string(largest + 1) + " (" + run.b.steps[largest].info.operation + ") makes " +
         duration_text(std::fabs(most)) + " of the difference of " + duration_text(std::fabs(whole)) + " at batch " +
         std::to_string(run.a.batch) + ".";
}

std::string speed_sentence(const VersusRun& run) {
  const auto median = std::ranges::find(run.differences, std::string("p50"), &Difference::metric);
  if (median == run.differences.end()) return {};
  const std::string place = " at batch " + std::to_string(run.a.batch);
  const std::string interval =
      " (" + three_digits(median->interval.low) + " to " + three_digits(median->interval.high) + ")";
  if (median->interval.low <= 1 && median->interval.high >= 1) {
    return "No difference is shown" + place + ": B takes " + three_digits(median->ratio) + " times as long as A" +
           interval + ".";
  }
  return "B takes " + three_digits(median->ratio) + " times as long as A" + interval + place + ".";
}

std::vector<std::string> find_verdict(const Versus& versus) {
  std::vector<std::string> sentences;
  for (const VersusRun& run : versus.runs) {
    for (std::string sentence : {speed_sentence(run), step_sentence(run)}) {
      if (!sentence.empty() && sentences.size() < 3) sentences.push_back(std::move(sentence));
    }
  }
  return sentences;
}

nlohmann::ordered_json side_to_json(const Summary& latency, const RunReport& run) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const StepReport& step : run.steps) {
    steps.push_back(
        {{"operation", step.info.operation}, {"ns", std::llround(step.ns.typical())}, {"share", step.share}});
  }
  return {{"n", latency.n}, {"threads", run.threads}, {"isa", to_string(run.isa)}, {"steps", steps}};
}

}  // namespace

Versus run_versus(const ProfileFlags& flags, const ProfilePlan& what) {
  ModelOptions second = flags.model;
  if (!flags.other.empty()) second.path = flags.other;
  const CompileOptions how_a = settings_of_a(what), how_b = settings_of_b(what);
  const Plan a = load_model(flags.model).compile(how_a), b = load_model(second).compile(how_b);
  if (a.input_size() != b.input_size()) {
    throw Error(Errc::shape_mismatch, "the two models read rows of " + to_string(a.input_shape()) + " and of " +
                                          to_string(b.input_shape()) + ": expected one size");
  }
  const auto name = [](const ModelOptions& model) { return model.path.empty() ? model.architecture : model.path; };
  Versus versus{describe(name(flags.model), a, how_a), describe(name(second), b, how_b), {}, {}, {}};
  const MeasureOptions options{flags.seconds, flags.cache == "cold", measure_environment().clock_ns};
  Rows rows(flags);
  for (const std::size_t batch : what.batches) {
    Caller caller_a(a, batch, rows.get(a, batch)), caller_b(b, batch, rows.get(b, batch));
    VersusRun run;
    run.a = measure(caller_a, &caller_b, options);
    run.b = measure(caller_b, nullptr, {flags.seconds / 5, options.cold, options.clock_ns});
    run.differences = find_differences(run.a.blocks, run.a.beside_blocks, Pairing::blocks);
    versus.runs.push_back(std::move(run));
  }
  versus.input = rows.description();
  versus.verdict = find_verdict(versus);
  return versus;
}

std::string to_text(const Versus& versus) {
  std::string text = format_table({{"A", versus.a}, {"B", versus.b}, {"Rows", versus.input}}) + "\n";
  std::vector<std::vector<std::string>> rows = {{"Batch", "", "A", "B", "B / A", "95 % interval"}};
  for (const VersusRun& run : versus.runs) {
    for (const Difference& d : run.differences) {
      rows.push_back({d.metric == "mean" ? std::to_string(run.a.batch) : "", d.metric, duration_text(d.before),
                      duration_text(d.after), three_digits(d.ratio),
                      three_digits(d.interval.low) + " to " + three_digits(d.interval.high)});
    }
  }
  text += "Latency per call, in turns\n\n" + format_table(rows, {0, 2, 3, 4}) + "\n";
  for (const std::string& sentence : versus.verdict) text += sentence + "\n";
  return text;
}

nlohmann::ordered_json to_json(const Versus& versus) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const VersusRun& run : versus.runs) {
    nlohmann::ordered_json differences = nlohmann::ordered_json::array();
    for (const Difference& d : run.differences) differences.push_back(to_json(d));
    runs.push_back({{"batch", run.a.batch},
                    {"a", side_to_json(run.a.latency, run.a)},
                    {"b", side_to_json(*run.a.beside, run.b)},
                    {"differences", differences}});
  }
  return {{"schema", "lamina.profile.versus/1"},
          {"a", versus.a},
          {"b", versus.b},
          {"input", versus.input},
          {"runs", runs},
          {"verdict", versus.verdict}};
}

}  // namespace lamina::tools
