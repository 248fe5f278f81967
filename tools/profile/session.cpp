// What is to be measured -> a Report.
// SPDX-License-Identifier: Apache-2.0
#include "profile/session.hpp"

#include "profile/environment.hpp"
#include "profile/measure.hpp"
#include "profile/rows.hpp"
#include "profile/verdict.hpp"
#include "profile/work.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

namespace lamina::tools {
namespace {

using Clock = std::chrono::steady_clock;

double ns_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

/// What reading the file's bytes alone takes; also brings them into the page cache.
double time_reading(const std::string& path) {
  if (path.empty()) return 0;
  std::vector<char> chunk(std::size_t{1} << 20);
  const auto begin = Clock::now();
  std::ifstream file(path, std::ios::binary);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0) {
  }
  return ns_since(begin);
}

Model load_timed(const ProfileFlags& flags, Report& report) {
  report.start.read_ns = time_reading(flags.model.path);
  const auto begin = Clock::now();
  Model model = load_model(flags.model);
  report.start.load_ns = ns_since(begin);
  report.model = flags.model.path.empty() ? flags.model.architecture : flags.model.path;
  report.parameters = model.parameter_count();
  report.weight_bytes = report.parameters * sizeof(float);
  return model;
}

bool skips_zeros(const Plan& plan) {
  const std::vector<StepInfo> steps = plan.steps();
  return std::ranges::any_of(steps, &StepInfo::skips_zeros);
}

/// One number of threads after the other, each with all batches.
class Session {
 public:
  Session(const ProfileFlags& flags, const ProfilePlan& what, Report& report)
      : flags_(flags), what_(what), report_(report), rows_(flags) {}

  void measure_all(const Model& model) {
    for (const std::size_t threads : what_.threads) measure_threads(model, threads);
    report_.input = rows_.description();
    report_.peak_bytes = peak_bytes();
    report_.idle_cpu = measure_idle();
    compare_with_roofs(model);
  }

 private:
  CompileOptions compile_options_of(std::size_t threads) const {
    CompileOptions how = compile_options(static_cast<int>(threads));
    how.isa = what_.isa;
    return how;
  }

  void measure_threads(const Model& model, std::size_t threads) {
    CompileOptions how = compile_options_of(threads);
    const auto begin = Clock::now();
    const Plan plan = model.compile(how);
    if (report_.runs.empty()) report_.start.compile_ns = ns_since(begin);
    report_.packed_bytes = plan.weight_bytes();
    how.skip_zeros = false;
    std::optional<Plan> dense;
    if (skips_zeros(plan)) dense = model.compile(how);
    const std::vector<std::size_t> all = {what_.batches.empty() ? rows_.all(plan) : 0};
    for (const std::size_t batch : what_.batches.empty() ? all : what_.batches) {
      measure_calls(plan, batch == 1 ? dense : std::nullopt, batch);
      for (const std::size_t callers : what_.callers) measure_load(plan, dense, batch, callers);
    }
  }

  void measure_calls(const Plan& plan, const std::optional<Plan>& dense_plan, std::size_t batch) {
    const std::vector<float>& rows = rows_.get(plan, batch);
    Caller caller(plan, batch, rows);
    std::optional<Caller> dense;
    if (dense_plan) dense.emplace(*dense_plan, batch, rows);
    report_.runs.push_back(measure(caller, dense ? &*dense : nullptr,
                                   {flags_.seconds, flags_.cache == "cold", report_.environment.clock_ns}));
  }

  /// On drawn rows dense: their zeros are not those of real ones, and capacity must not rest on them.
  void measure_load(const Plan& plan, const std::optional<Plan>& dense, std::size_t batch, std::size_t callers) {
    const bool drawn = flags_.input.path.empty() && dense && batch == 1;
    const Plan& used = drawn ? *dense : plan;
    const Load load{batch, callers, flags_.seconds, what_.rate, what_.arrivals, flags_.model.seed.value_or(0)};
    const auto run = [&](const Load& each) {
      LoadReport result = run_load(used, rows_.get(used, batch), each);
      result.dense = drawn;
      return result;
    };
    if (!what_.slo) return report_.loads.push_back(run(load));
    // What the callers could do if nobody disturbed them, and a tenth more.
    const double highest = 1.1e9 * static_cast<double>(callers) / run(load).service.typical();
    report_.answers.push_back(find_highest_rate(*what_.slo, highest, [&](double rate) {
      Load trial = load;
      trial.rate = rate;
      trial.seconds = std::clamp(what_.slo->least_seconds(rate), flags_.seconds, 20 * flags_.seconds);
      return run(trial);
    }));
    if (report_.answers.back().best) report_.loads.push_back(*report_.answers.back().best);
  }

  /// A fifth of a second in which this process asks for nothing; oneTBB's workers go to sleep in the first 0.1 s.
  static double measure_idle() {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto begin = Clock::now();
    const Usage before = usage_before();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return (usage_after() - before).cpu_seconds / (1e-9 * ns_since(begin));
  }

  /// Threads that took part, which may be fewer than were allowed.
  static int threads_used(const RunReport& run) {
    int most = 1;
    for (const StepReport& step : run.steps) most = std::max(most, step.threads);
    return most;
  }

  void compare_with_roofs(const Model& model) {
    const Plan plan = model.compile(compile_options_of(1));
    std::vector<Roofs>& roofs = report_.environment.roofs;
    for (RunReport& run : report_.runs) {
      const int threads = threads_used(run);
      if (!flags_.no_roofs && roofs_for(report_.environment, threads) == nullptr) {
        roofs.push_back(measure_roofs(run.isa, threads));
      }
      find_work(plan, roofs_for(report_.environment, threads), run);
    }
  }

  const ProfileFlags& flags_;
  const ProfilePlan& what_;
  Report& report_;
  Rows rows_;
};

}  // namespace

Report run_profile(const ProfileFlags& flags, const ProfilePlan& what) {
  Report report;
  report.seed = flags.model.seed.value_or(0);
  report.duration = flags.seconds;
  report.environment = measure_environment();
  const Model model = load_timed(flags, report);
  Session(flags, what, report).measure_all(model);
  report.knees = find_knees(report);
  report.verdict = find_verdict(report);
  return report;
}

}  // namespace lamina::tools
