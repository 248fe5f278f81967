// What the command line of lamina profile says -> what is to be measured.
// SPDX-License-Identifier: Apache-2.0
#include "profile/options.hpp"

#include "command.hpp"
#include "profile/number_list.hpp"

#include <algorithm>

namespace lamina::tools {
namespace {

std::optional<Isa> parse_isa(const std::string& flag, const std::string& name) {
  if (name.empty()) return {};
  for (const Isa isa : {Isa::sse4, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (to_string(isa) == name) return isa;
  }
  throw UsageError(flag + ": expected sse4, avx2, avx512 or neon, got '" + name + "'");
}

Scenario scenario_of(const ProfileFlags& flags) {
  const bool open = flags.rate > 0 || !flags.slo.empty();
  if (flags.rate > 0 && !flags.slo.empty()) throw UsageError("--rate and --slo exclude each other");
  if (flags.scenario == "server" && !open) throw UsageError("--scenario server: --rate or --slo is needed");
  if (flags.scenario.empty()) return open ? Scenario::server : Scenario::single_stream;
  if (flags.scenario != "server" && open) {
    throw UsageError("--rate and --slo are about --scenario server, got '" + flags.scenario + "'");
  }
  if (flags.scenario == "offline" && !flags.concurrency.empty()) {
    throw UsageError("--scenario offline is one call: it excludes --concurrency");
  }
  if (flags.scenario == "offline") return Scenario::offline;
  return flags.scenario == "server" ? Scenario::server : Scenario::single_stream;
}

std::vector<std::size_t> callers_of(const ProfileFlags& flags, Scenario scenario) {
  if (!flags.concurrency.empty()) return parse_numbers("--concurrency", flags.concurrency, 1);
  if (scenario != Scenario::server) return {};
  return {static_cast<std::size_t>(system_info().effective_cpus)};
}

bool parse_switch(const std::string& text) {
  if (text == "on" || text == "off") return text == "on";
  throw UsageError("--against: expected on or off, got '" + text + "'");
}

/// Two sides are measured as calls one after the other, and printed as text or JSON.
void check_comparison(const ProfileFlags& flags, ProfilePlan& plan) {
  if (!flags.other.empty() || !flags.against.empty()) plan.against = parse_against(flags.against);
  if (!flags.fail_if.empty()) plan.thresholds = parse_thresholds(flags.fail_if);
  if (!plan.thresholds.empty() && flags.baseline.empty() && !plan.against) {
    throw UsageError("--fail-if is about --baseline, a second MODEL or --against: none is given");
  }
  if (!plan.against) return;
  if (!flags.baseline.empty() || !flags.report.empty() || !plan.callers.empty() || plan.batches.empty()) {
    throw UsageError(
        "two sides are compared by calls one after the other: without --baseline, --report, --scenario, --rate, "
        "--slo and --concurrency");
  }
  if (flags.format != "text" && flags.format != "json") {
    throw UsageError("--format: expected text or json for a comparison, got '" + flags.format + "'");
  }
}

}  // namespace

Against parse_against(const std::string& text) {
  Against against;
  for (std::size_t begin = 0, end = 0; end != std::string::npos && !text.empty(); begin = end + 1) {
    end = text.find(',', begin);
    const std::string one = text.substr(begin, end - begin), name = one.substr(0, one.find('='));
    const std::string value = name.size() < one.size() ? one.substr(name.size() + 1) : "";
    if (name == "threads") {
      against.threads = parse_numbers("--against threads", value, 0).front();
    } else if (name == "isa" && !value.empty()) {
      against.isa = parse_isa("--against isa", value);
    } else if (name == "fuse") {
      against.fuse = parse_switch(value);
    } else if (name == "skip_zeros") {
      against.skip_zeros = parse_switch(value);
    } else {
      throw UsageError("--against: expected threads=N, isa=NAME, fuse=on|off or skip_zeros=on|off, got '" + one + "'");
    }
  }
  return against;
}

ProfilePlan plan_profile(const ProfileFlags& flags) {
  constexpr std::size_t kMostCallers = 1024;
  ProfilePlan plan;
  plan.scenario = scenario_of(flags);
  plan.callers = callers_of(flags, plan.scenario);
  if (!plan.callers.empty() && plan.callers.back() > kMostCallers) {
    throw UsageError("--concurrency: expected at most " + std::to_string(kMostCallers) + ", got " +
                     std::to_string(plan.callers.back()));
  }
  if (!plan.callers.empty() && flags.cache == "cold") {
    throw UsageError("--cache cold is about calls one after the other: it excludes --concurrency, --rate and --slo");
  }
  const bool all = plan.scenario == Scenario::offline && flags.batch.empty();
  if (!all) plan.batches = parse_numbers("--batch", flags.batch.empty() ? "1" : flags.batch, 1);
  const std::string threads = plan.callers.empty() ? "0" : "1";  // several callers keep the CPUs busy themselves
  plan.threads = parse_numbers("--threads", flags.threads.empty() ? threads : flags.threads, 0);
  plan.rate = flags.rate;
  plan.arrivals = flags.arrivals == "constant" ? Arrivals::constant : Arrivals::poisson;
  if (!flags.slo.empty()) plan.slo = parse_slo(flags.slo);
  plan.isa = parse_isa("--isa", flags.isa);
  check_comparison(flags, plan);
  return plan;
}

}  // namespace lamina::tools
