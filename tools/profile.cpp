// lamina profile: a model or an architecture -> how fast, how steady, how close to this machine's limits, and why.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "help.hpp"
#include "input_options.hpp"
#include "model_options.hpp"
#include "output_options.hpp"
#include "profile/environment.hpp"
#include "profile/measure.hpp"
#include "profile/number_list.hpp"
#include "profile/report_json.hpp"
#include "profile/report_text.hpp"
#include "profile/verdict.hpp"
#include "profile/work.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <utility>

namespace lamina::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct ProfileOptions {
  ModelOptions model;
  InputOptions input;
  std::string batch = "1";
  std::string threads = "0";
  double seconds = 1;
  std::string cache = "warm";
  std::string isa;
  std::string pin;
  bool no_roofs = false;
  std::string format = "text";
};

double ns_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

std::optional<Isa> parse_isa(const std::string& name) {
  if (name.empty()) return {};
  for (const Isa isa : {Isa::sse4, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (to_string(isa) == name) return isa;
  }
  throw UsageError("--isa: expected sse4, avx2, avx512 or neon, got '" + name + "'");
}

/// What reading the file's bytes alone takes; also brings them into the page cache.
double time_reading(const std::string& path) {
  if (path.empty()) return 0;
  const auto begin = Clock::now();
  std::ifstream file(path, std::ios::binary);
  std::vector<char> chunk(std::size_t{1} << 20);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0) {
  }
  return ns_since(begin);
}

Model load_timed(const ProfileOptions& options, Report& report) {
  report.start.read_ns = time_reading(options.model.path);
  const auto begin = Clock::now();
  Model model = load_model(options.model);
  report.start.load_ns = ns_since(begin);
  report.model = options.model.path.empty() ? options.model.architecture : options.model.path;
  report.parameters = model.parameter_count();
  report.weight_bytes = report.parameters * sizeof(float);
  return model;
}

/// All rows of -i, up to 1 GiB.
std::vector<float> read_rows(const ProfileOptions& options, const Plan& plan) {
  constexpr std::size_t kMostFloats = std::size_t{1} << 28;
  data::Reader reader = open_input(options.input);
  fit_rows(reader, options.input.path, plan.input_shape());
  std::vector<float> rows;
  const std::size_t chunk = std::max<std::size_t>(1, (std::size_t{1} << 16) / plan.input_size()) * plan.input_size();
  for (std::size_t read = 1; read != 0 && rows.size() + chunk <= kMostFloats;) {
    const std::size_t old = rows.size();
    rows.resize(old + chunk);
    read = reader.read(std::span(rows).subspan(old));
    rows.resize(old + read * plan.input_size());
  }
  if (rows.empty()) throw Error(Errc::invalid_argument, place_of(options.input.path) + ": has no rows to run");
  return rows;
}

/// Where the rows come from: a file, read once, or a seed.
class Rows {
 public:
  Rows(const ProfileOptions& options, Report& report) : options_(options), report_(report) {}

  /// Those of the file; else `count` drawn ones, normal, as standardised features are.
  const std::vector<float>& get(const Plan& plan, std::size_t count) {
    if (options_.input.path.empty()) {
      draw(count * plan.input_size());
    } else if (rows_.empty()) {
      rows_ = read_rows(options_, plan);
      report_.input = std::to_string(rows_.size() / plan.input_size()) + " rows of " + place_of(options_.input.path);
    }
    return rows_;
  }
  [[nodiscard]] const ProfileOptions& options() const { return options_; }

 private:
  void draw(std::size_t size) {
    report_.input = "drawn from seed " + std::to_string(report_.seed);
    std::mt19937_64 engine(report_.seed);
    std::normal_distribution<float> normal;
    rows_.resize(size);
    for (float& x : rows_) x = normal(engine);
  }

  const ProfileOptions& options_;
  Report& report_;
  std::vector<float> rows_;
};

bool skips_zeros(const Plan& plan) {
  const std::vector<StepInfo> steps = plan.steps();
  return std::ranges::any_of(steps, &StepInfo::skips_zeros);
}

CompileOptions compile_options_of(const ProfileOptions& options, std::size_t threads) {
  CompileOptions how = compile_options(static_cast<int>(threads));
  how.isa = parse_isa(options.isa);
  return how;
}

/// Every batch on one number of threads.
void measure_batches(const Model& model, const CompileOptions& how, const std::vector<std::size_t>& batches,
                     Rows& source, Report& report) {
  const auto begin = Clock::now();
  const Plan plan = model.compile(how);
  if (report.runs.empty()) report.start.compile_ns = ns_since(begin);
  report.packed_bytes = plan.weight_bytes();
  CompileOptions all = how;
  all.skip_zeros = false;
  std::optional<Plan> dense_plan;
  if (skips_zeros(plan) && batches.front() == 1) dense_plan = model.compile(all);
  const ProfileOptions& options = source.options();
  for (const std::size_t batch : batches) {
    const std::vector<float>& rows = source.get(plan, batch);
    Caller caller(plan, batch, rows);
    std::optional<Caller> dense;
    if (batch == 1 && dense_plan) dense.emplace(*dense_plan, batch, rows);
    report.runs.push_back(measure(caller, dense ? &*dense : nullptr,
                                  {options.seconds, options.cache == "cold", report.environment.clock_ns}));
  }
}

/// Threads that took part, which may be fewer than were allowed.
int threads_used(const RunReport& run) {
  int most = 1;
  for (const StepReport& step : run.steps) most = std::max(most, step.threads);
  return most;
}

void compare_with_roofs(const Model& model, const ProfileOptions& options, Report& report) {
  const Plan plan = model.compile(compile_options_of(options, 1));
  for (RunReport& run : report.runs) {
    const int threads = threads_used(run);
    if (!options.no_roofs && roofs_for(report.environment, threads) == nullptr) {
      report.environment.roofs.push_back(measure_roofs(run.isa, threads));
    }
    find_work(plan, roofs_for(report.environment, threads), run);
  }
}

void print_report(const Report& report, const std::string& format) {
  if (format == "json") return print_json(to_json(report));
  print(format == "csv" ? to_csv(report) : format == "md" ? to_markdown(report) : to_text(report));
}

ExitStatus profile(const ProfileOptions& options) {
  const std::vector<std::size_t> batches = parse_numbers("--batch", options.batch, 1);
  const std::vector<std::size_t> threads = parse_numbers("--threads", options.threads, 0);
  static_cast<void>(parse_isa(options.isa));
  if (!options.pin.empty()) pin_to(options.pin);
  Report report;
  report.seed = options.model.seed.value_or(0);
  report.duration = options.seconds;
  report.environment = measure_environment();
  const Model model = load_timed(options, report);
  Rows rows(options, report);
  for (const std::size_t count : threads) {
    measure_batches(model, compile_options_of(options, count), batches, rows, report);
  }
  report.peak_bytes = peak_bytes();
  compare_with_roofs(model, options, report);
  report.verdict = find_verdict(report);
  print_report(report, options.format);
  return kDone;
}

void add_load_options(CLI::App& app, ProfileOptions& options) {
  const std::string group = "What is measured";
  const auto add = [&](const char* flag, auto& value, const char* text, const char* type) {
    return app.add_option(flag, value, text)->type_name(type)->group(group);
  };
  add("--batch", options.batch, "Rows per call: 1,8,64 or 1:4096:x2 or 1:8:1 (default 1)", "LIST");
  add("--threads", options.threads, "The same for threads; 0, the default: all effective CPUs", "LIST");
  add("--duration", options.seconds, "Seconds for each batch and number of threads (default 1)", "S")
      ->check(CLI::Range(0.001, 86400.0));
  add("--cache", options.cache, "cold: weights, rows and scratch out of the caches before each call", "warm|cold")
      ->check(CLI::IsMember({"warm", "cold"}));
  add("--isa", options.isa, "A lower instruction set than the CPU's best", "sse4|avx2|avx512|neon");
  add("--pin", options.pin, "Run on these CPUs only: 0,1", "LIST");
  app.add_flag("--no-roofs", options.no_roofs, "Do not measure the machine's peak and bandwidths")->group(group);
}

/// add_model_options and add_input_options say what they mean elsewhere.
void redescribe(CLI::App& app) {
  CLI::Option *seed = app.get_option("--seed"), *model = app.get_option("MODEL");
  seed->remove_excludes(model);
  model->remove_excludes(seed);
  seed->description("Draws the rows, and the weights where MODEL is left out (default 0)");
  app.get_option("--input")->description("Rows to run: npy, npz, csv, json or jsonl (default: drawn from --seed)");
}

}  // namespace

Action add_profile(CLI::App& app) {
  const auto options = std::make_shared<ProfileOptions>();
  options->input.path.clear();
  add_model_options(app, options->model, ModelFile::optional);
  add_load_options(app, *options);
  add_input_options(app, options->input);
  redescribe(app);
  add_format_option(app, options->format, {"text", "json", "csv", "md"});
  app.footer(
      "Calls follow one another without a pause. A percentile is shown where there are enough samples for it:\n"
      "p90 takes 64, p95 130, p99 662, p99.9 6,636. Steps are timed in runs of their own. JSON: docs/profile.md.");
  return [options] { return profile(*options); };
}

}  // namespace lamina::tools
