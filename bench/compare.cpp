// The command line -> lamina and every peer that is built, in turns, one process each: a Markdown table.
// SPDX-License-Identifier: Apache-2.0
#include "build_model.hpp"
#include "contest.hpp"
#include "facts.hpp"
#include "machine/machine.hpp"
#include "model_chain.hpp"
#include "options.hpp"
#include "report.hpp"
#include "roster.hpp"

#include <lamina/data.hpp>
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
std::vector<int> choose_cpus(const Options& options) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("sched_getaffinity failed");
  const auto available = static_cast<std::size_t>(CPU_COUNT(&set)), threads = static_cast<std::size_t>(options.threads);
  if (available < threads) {
    throw std::runtime_error("--threads: " + std::to_string(threads) + " on " + std::to_string(available) +
                             " CPU(s) would measure their queue");
  }
  const std::size_t count = std::min(available, threads * options.callers);
  std::vector<int> cpus;
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && cpus.size() < count; --cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<float> draw_inputs(std::size_t count) {
  std::vector<float> x(count);
  std::mt19937 engine(2);
  std::normal_distribution<float> normal;
  for (float& v : x) v = normal(engine);
  return x;
}

/// The file's rows, again from the start where the largest batch has more.
std::vector<float> read_inputs(const std::filesystem::path& path, std::size_t row, std::size_t rows) {
  const Tensor file = data::read_array(path);
  if (file.size() == 0 || file.size() % row != 0) {
    throw std::runtime_error(path.string() + ": expected rows of " + std::to_string(row) + " numbers, got " +
                             std::to_string(file.size()) + " numbers");
  }
  std::vector<float> x(row * rows);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = file.data()[i % file.size()];
  return x;
}

Subject subject_of(const Network& network, std::size_t rows) {
  Subject subject;
  subject.chain = draw_chain(network);
  subject.in = subject.chain->inputs();
  subject.out = subject.chain->outputs();
  subject.inputs = draw_inputs(subject.in * rows);
  return subject;
}

/// `note` is why the model is no chain, else empty.
Subject subject_of(const Model& model, const Plan& plan, std::size_t rows, const Options& options, std::string& note) {
  Subject subject;
  subject.model = std::filesystem::absolute(options.model);
  subject.in = plan.input_size();
  subject.out = plan.output_size();
  std::variant<Chain, std::string> chain = chain_of(model, options.model.filename().string());
  if (std::holds_alternative<std::string>(chain)) {
    note = std::get<std::string>(chain);
  } else if (std::get<Chain>(chain).inputs() != subject.in || std::get<Chain>(chain).outputs() != subject.out) {
    note = "its layers run over more than one vector per row";
  } else {
    subject.chain = std::move(std::get<Chain>(chain));
  }
  subject.inputs =
      options.inputs.empty() ? draw_inputs(subject.in * rows) : read_inputs(options.inputs, subject.in, rows);
  return subject;
}

class Arena {
 public:
  explicit Arena(const Options& options)
      : options_(options),
        cpus_(choose_cpus(options)),
        machine_(measure_machine(cpus_)),
        roster_(start_peers(options, cpus_)),
        report_(machine_, roster_, options),
        batches_(options.batches.empty() ? std::vector<std::size_t>(kBatches.begin(), kBatches.end())
                                         : options.batches) {}

  void run_networks() {
    report_.head();
    for (const Network& network : kNetworks) {
      const auto& names = options_.networks;
      if (!names.empty() && std::find(names.begin(), names.end(), network.name) == names.end()) continue;
      Subject subject = subject_of(network, most_rows());
      run(std::string(network.name), subject, build_model(*subject.chain).compile({.threads = options_.threads}));
    }
    report_.tail();
  }

  void run_model() {
    const Model model = load(options_.model);
    const Plan plan = model.compile({.threads = options_.threads});
    std::string note;
    Subject subject = subject_of(model, plan, most_rows(), options_, note);
    if (!note.empty()) roster_.left_out.push_back("peers that read no such file: " + note);
    report_.head();
    run(options_.model.filename().string(), subject, plan);
    report_.tail();
  }

 private:
  [[nodiscard]] std::size_t most_rows() const { return *std::max_element(batches_.begin(), batches_.end()); }

  void run(const std::string& name, Subject& subject, const Plan& plan) {
    const Facts facts = find_facts(name, subject, plan);
    subject.skips_zeros = facts.skips_zeros;
    hand_out(subject, files_, roster_.contenders);
    for (const std::size_t rows : batches_) {
      double alone = 0;
      if (options_.callers > 1) {
        Options one = options_;
        one.callers = 1;
        alone = run_cell(subject, rows, files_, std::span(roster_.contenders).first(1), one).entries[0].microseconds;
      }
      report_.cell(facts, run_cell(subject, rows, files_, roster_.contenders, options_), alone);
    }
  }

  const Options& options_;
  std::vector<int> cpus_;
  Machine machine_;
  Roster roster_;
  Report report_;
  Files files_;
  std::vector<std::size_t> batches_;
};

}  // namespace
}  // namespace lamina::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that died is an error message, not our death
  const lamina::bench::Options options = lamina::bench::parse_options(argc, argv);
  try {
    lamina::bench::Arena arena(options);
    options.model.empty() ? arena.run_networks() : arena.run_model();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
