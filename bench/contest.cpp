// Prepares the peers for one network and batch, compares their answers, times them in turns.
// SPDX-License-Identifier: Apache-2.0
#include "contest.hpp"

#include "reference.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace lamina::bench {
namespace {

std::vector<float> read_outputs(const std::filesystem::path& path, std::size_t count) {
  std::vector<float> y(count);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(y.data()), static_cast<std::streamsize>(count * sizeof(float)));
  if (!file) throw std::runtime_error("wrote too few outputs");
  return y;
}

bool near(double y, double expected) { return std::abs(y - expected) <= 1e-5 + 1e-4 * std::abs(expected); }

[[noreturn]] void disagree(std::size_t index, double y, double expected) {
  char text[128];
  std::snprintf(text, sizeof text, "wrong answer: output %zu is %.9g, expected %.9g", index, y, expected);
  throw std::runtime_error(text);
}

/// The first and the last row in double, where the network is a chain.
void compare_with_reference(const Subject& subject, std::size_t rows, const std::vector<float>& y) {
  if (!subject.chain) return;
  for (const std::size_t row : {std::size_t{0}, rows - 1}) {
    const std::vector<double> expected = run_reference(*subject.chain, &subject.inputs[row * subject.in]).outputs;
    for (std::size_t o = 0; o < subject.out; ++o) {
      const auto value = static_cast<double>(y[row * subject.out + o]);
      if (!near(value, expected[o])) disagree(row * subject.out + o, value, expected[o]);
    }
  }
}

void compare_with_first(const std::vector<float>& y, const std::vector<float>& first) {
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto value = static_cast<double>(y[i]), expected = static_cast<double>(first[i]);
    if (!near(value, expected)) disagree(i, value, expected);
  }
}

/// Beyond so few rows no kernel skips: zeros of different rows do not coincide.
constexpr std::size_t kMostSkippingRows = 8;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Timing {
  double microseconds = 0;   ///< per call
  bool interrupted = false;  ///< another program had the CPU meanwhile
};

Timing ask_timing(Child& child, int calls, int warm) {
  std::istringstream answer(child.ask({"time", std::to_string(calls), std::to_string(warm)}));
  double nanoseconds = 0;
  long interruptions = 0;
  if (!(answer >> nanoseconds >> interruptions)) throw std::runtime_error("unexpected answer: " + answer.str());
  return {nanoseconds * 1e-3, interruptions > 0};
}

double ask_time(Child& child, int calls, int warm) { return ask_timing(child, calls, warm).microseconds; }

int clamp_calls(double calls) { return static_cast<int>(std::clamp(calls, 1.0, 1e7)); }

/// Calls of one round: at least options.round_ms. Two steps, because the first calls are slower.
struct Pace {
  int calls = 1, warm = 1;
  double microseconds = 0;  ///< of a call, about
};
Pace find_pace(Child& child, const Options& options) {
  const double target = 1e3 * options.round_ms;
  const double first = ask_time(child, 1, 1);
  const double second = first > target ? first : ask_time(child, clamp_calls(0.25 * target / first), 1);
  // Peers share caches: a turn begins with half a millisecond unmeasured, or not at all where a call is much longer.
  return {clamp_calls(std::ceil(target / second)), second > 2e4 ? 0 : clamp_calls(std::ceil(500 / second)), second};
}

struct Racer {
  Entry entry;
  Pace pace;
  std::vector<double> times, quiet;  ///< of all turns, and of those without interruption
};

/// A turn that another program interrupts is taken again, for every peer alike; not where it is long, since there it
/// costs little and happens always. With several threads the kernel's count misleads: a worker that sleeps because its
/// CPU is taken is not counted, one that spins is.
Timing take_turn(Child& child, const Pace& pace, const Options& options) {
  constexpr int kTries = 5;
  Timing timing = ask_timing(child, pace.calls, pace.warm);
  if (options.threads > 1 || options.callers > 1) return {timing.microseconds, false};
  if (pace.calls * pace.microseconds > 5e4) return timing;
  for (int again = 1; timing.interrupted && again < kTries; ++again) {
    timing = ask_timing(child, pace.calls, pace.warm);
  }
  return timing;
}

/// A peer that fails while it is timed leaves the cell; without lamina there is none.
void for_each_alive(std::vector<Racer>& racers, std::span<Contender> contenders, Cell& cell,
                    const std::function<void(Racer&, Child&)>& body) {
  std::erase_if(racers, [&](Racer& racer) {
    Contender& contender = contenders[racer.entry.contender];
    try {
      body(racer, contender.child);
      return false;
    } catch (const std::exception& error) {
      const std::string failure = contender.name + ": " + error.what();
      if (racer.entry.contender == 0) throw std::runtime_error(failure);
      cell.failures.push_back(failure);
      return true;
    }
  });
}

bool reads_file(const Contender& contender, const Subject& subject) {
  return contender.reads == "*" || (!contender.reads.empty() && subject.model.extension() == contender.reads);
}

std::vector<Entry> prepare_all(const Subject& subject, std::size_t rows, const Files& files,
                               std::span<Contender> contenders, const Options& options, Cell& cell) {
  std::vector<Entry> entries;
  std::vector<float> first;
  for (std::size_t c = 0; c < contenders.size(); ++c) {
    if (c == 1 && (!subject.skips_zeros || rows > kMostSkippingRows)) continue;
    if (!subject.chain && !reads_file(contenders[c], subject)) continue;
    Child& child = contenders[c].child;
    try {
      const std::string way = child.ask(
          {"prepare", std::to_string(rows), std::to_string(options.threads), std::to_string(options.callers)});
      child.ask({"outputs", files.outputs.string()});
      const std::vector<float> y = read_outputs(files.outputs, rows * subject.out);
      compare_with_reference(subject, rows, y);
      if (first.empty()) first = y;
      compare_with_first(y, first);
      entries.push_back({c, way, 0});
    } catch (const std::exception& error) {
      if (c == 0) throw std::runtime_error("lamina: " + std::string(error.what()));
      cell.failures.push_back(contenders[c].name + ": " + error.what());
    }
  }
  return entries;
}

}  // namespace

const Entry* Cell::find(std::size_t contender) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [contender](const Entry& entry) { return entry.contender == contender; });
  return found == entries.end() ? nullptr : &*found;
}

Files::Files() {
  std::string name = (std::filesystem::temp_directory_path() / "lamina-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": could not be made");
  folder_ = name;
  chain = folder_ / "chain";
  inputs = folder_ / "inputs";
  outputs = folder_ / "outputs";
}

Files::~Files() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void hand_out(const Subject& subject, const Files& files, std::span<Contender> contenders) {
  if (subject.chain) write_chain(*subject.chain, files.chain);
  std::ofstream file(files.inputs, std::ios::binary);
  const std::size_t sizes[2] = {subject.in, subject.out};
  file.write(reinterpret_cast<const char*>(sizes), sizeof sizes);
  file.write(reinterpret_cast<const char*>(subject.inputs.data()),
             static_cast<std::streamsize>(subject.inputs.size() * sizeof(float)));
  if (!file.flush()) throw std::runtime_error(files.inputs.string() + ": could not be written");
  for (Contender& contender : contenders) {
    const bool reads = reads_file(contender, subject);
    try {
      contender.child.ask({"network", subject.chain ? files.chain.string() : "", reads ? subject.model.string() : "",
                           files.inputs.string()});
    } catch (const std::exception&) {
      continue;  // it says why when it is told to prepare
    }
  }
}

Cell run_cell(const Subject& subject, std::size_t rows, const Files& files, std::span<Contender> contenders,
              const Options& options) {
  Cell cell;
  cell.rows = rows;
  std::vector<Racer> racers;
  for (Entry& entry : prepare_all(subject, rows, files, contenders, options, cell)) {
    racers.push_back({std::move(entry), {}, {}, {}});
  }
  double longest = 0;
  for_each_alive(racers, contenders, cell, [&](Racer& racer, Child& child) {
    racer.pace = find_pace(child, options);
    longest = std::max(longest, racer.pace.calls * racer.pace.microseconds);
  });
  const int most = longest > 2e5 ? 3 : longest > 2e4 ? 5 : options.rounds;
  for (int round = 0; round < std::min(most, options.rounds); ++round) {
    for_each_alive(racers, contenders, cell, [&](Racer& racer, Child& child) {
      const Timing timing = take_turn(child, racer.pace, options);
      racer.times.push_back(timing.microseconds);
      if (!timing.interrupted) racer.quiet.push_back(timing.microseconds);
      ++cell.turns;
      if (timing.interrupted) ++cell.interrupted;
    });
  }
  for (Racer& racer : racers) {
    racer.entry.microseconds = median(racer.quiet.size() >= 3 ? racer.quiet : racer.times);
    cell.entries.push_back(std::move(racer.entry));
  }
  return cell;
}

}  // namespace lamina::bench
