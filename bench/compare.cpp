// The command line -> lamina and every peer that is built, in turns, one process each: a Markdown table.
// SPDX-License-Identifier: Apache-2.0
#include "build_model.hpp"
#include "contest.hpp"
#include "machine/machine.hpp"
#include "options.hpp"
#include "reference.hpp"
#include "report.hpp"
#include "roster.hpp"

#include <lamina/lamina.hpp>

#include <sched.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <stdexcept>

namespace lamina::bench {
namespace {

/// The last CPUs that this process may run on: the first ones serve most interrupts.
std::vector<int> choose_cpus(std::size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("sched_getaffinity failed");
  std::vector<int> cpus;
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && cpus.size() < count; --cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  if (cpus.size() < count) throw std::runtime_error("fewer CPUs than threads: every time would be a wrong one");
  return cpus;
}

std::vector<float> draw_inputs(std::size_t count) {
  std::vector<float> x(count);
  std::mt19937 engine(2);
  std::normal_distribution<float> normal;
  for (float& v : x) v = normal(engine);
  return x;
}

/// Steps of the Plan, and the share of zeros that its skipping layers meet in the first row.
Facts find_facts(const Subject& subject, const Model& model, const std::string& name, const Options& options) {
  const Plan plan = model.compile({.threads = options.threads});
  Facts facts{name, 0, 0, 0, false, {}};
  const std::vector<std::size_t> zeros =
      subject.chain ? run_reference(*subject.chain, subject.inputs.data()).zeros : std::vector<std::size_t>();
  std::size_t linear = 0, zero_inputs = 0, inputs = 0;
  for (const StepInfo& step : plan.steps()) {
    facts.flops_per_row += static_cast<double>(step.flops_per_row);
    facts.kernels.push_back(step.operation + ": " + step.kernel);
    if (!step.operation.starts_with("Linear")) continue;
    if (step.skips_zeros) {
      facts.skips_zeros = true;
      if (linear < zeros.size()) {
        zero_inputs += zeros[linear];
        inputs += subject.chain->layers[linear].in;
      }
    }
    ++linear;
  }
  if (inputs > 0) facts.zero_share = static_cast<double>(zero_inputs) / static_cast<double>(inputs);
  facts.weight_bytes = subject.chain ? subject.chain->weight_bytes() : static_cast<double>(plan.weight_bytes());
  if (subject.chain) facts.flops_per_row = subject.chain->flops_per_row();
  return facts;
}

void run_network(const Network& network, const std::vector<std::size_t>& batches, const Options& options,
                 Roster& roster, const Files& files, Report& report) {
  Subject subject;
  subject.chain = draw_chain(network);
  subject.in = subject.chain->inputs();
  subject.out = subject.chain->outputs();
  subject.inputs = draw_inputs(subject.in * *std::max_element(batches.begin(), batches.end()));
  const Facts facts = find_facts(subject, build_model(*subject.chain), std::string(network.name), options);
  hand_out(subject, files, roster.contenders);
  for (const std::size_t rows : batches) report.cell(facts, run_cell(subject, rows, files, roster.contenders, options));
}

void run(const Options& options) {
  const std::vector<int> cpus = choose_cpus(std::max<std::size_t>(static_cast<std::size_t>(options.threads), 1));
  const Machine machine = measure_machine(cpus);
  Roster roster = start_peers(options, cpus);
  Report report(machine, roster, options);
  const Files files;
  std::vector<std::size_t> batches = options.batches;
  if (batches.empty()) batches.assign(kBatches.begin(), kBatches.end());
  report.head();
  for (const Network& network : kNetworks) {
    const auto& names = options.networks;
    if (!names.empty() && std::find(names.begin(), names.end(), network.name) == names.end()) continue;
    run_network(network, batches, options, roster, files, report);
  }
  report.tail();
}

}  // namespace
}  // namespace lamina::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that died is an error message, not our death
  const lamina::bench::Options options = lamina::bench::parse_options(argc, argv);
  try {
    lamina::bench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare: %s\n", error.what());
    return 1;
  }
}
