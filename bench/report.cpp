// One line per network and batch, then means, kernels and ways.
// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include "shapes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

namespace lamina::bench {
namespace {

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// Three significant digits of microseconds.
std::string microseconds(double value) { return number(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

/// A ratio below 1 is a cell that lamina loses, and is printed so.
std::string ratio(double value) {
  if (value <= 0) return "-";
  return value < 1 ? "**" + number(value, 3) + " LOST**" : number(value, 3);
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

void print(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// "a; 8 x b; c": equal neighbours are counted.
std::string join_repeats(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t first = 0, last = 0; first < items.size(); first = last) {
    while (last < items.size() && items[last] == items[first]) ++last;
    text += (first == 0 ? "" : "; ") + (last - first > 1 ? std::to_string(last - first) + " x " : "") + items[first];
  }
  return text;
}

/// The 29 cells of the six networks that lamina's goals are stated for.
bool is_goal_cell(const std::string& network, std::size_t rows) {
  const auto end = kNetworks.begin() + 6;
  if (std::none_of(kNetworks.begin(), end, [&](const Network& n) { return n.name == network; })) return false;
  if (rows == 4096) return network != "big1024";
  return rows == 1 || rows == 8 || rows == 64 || rows == 512;
}

}  // namespace

Report::Report(const Machine& machine, const Roster& roster, const Options& options)
    : machine_(machine), roster_(roster), options_(options) {}

void Report::head() const {
  print("lamina and its peers in turns, a process each, " + std::to_string(options_.threads) + " thread(s) a call" +
        (options_.callers > 1 ? ", " + std::to_string(options_.callers) + " callers at once" : "") +
        "; microseconds per call, medians.\n");
  std::string roofs = machine_.cpu + ", " + machine_.isa + ", " + std::to_string(machine_.threads) +
                      " CPU(s): " + number(machine_.gigaflops, 1) + " GFLOP/s of fp32 multiply-adds; reads";
  for (const Level& level : machine_.levels) roofs += " " + number(level.gigabytes, 0) + " GB/s " + level.name + ",";
  roofs.back() = '.';
  print("- " + roofs);
  std::string versions;
  for (std::size_t c = 0; c < roster_.contenders.size(); ++c) {
    if (c == 1) continue;
    versions += (c == 0 ? "" : "; ") + roster_.contenders[c].name + " " + roster_.contenders[c].version;
  }
  print("- " + versions + ".");
  for (const std::string& line : roster_.left_out) print("- Left out: " + line + ".");
  print(
      "- FMA: share of the multiply-add peak. Read: weight bytes once per call, as a share of the bandwidth of the "
      "level that they fit in.\n");
  std::string names = "| network | batch | lamina |", rule = "|---|---|---|";
  for (std::size_t c = 2; c < roster_.contenders.size(); ++c) {
    names += " " + roster_.contenders[c].name + " |";
    rule += "---|";
  }
  print(names + " best peer | best peer / lamina | zeros skipped | best peer / it | zeros | FMA | read |" +
        (options_.callers > 1 ? " rows/s | one caller / lamina |" : ""));
  print(rule + "---|---|---|---|---|---|---|" + (options_.callers > 1 ? "---|---|" : ""));
}

void Report::cell(const Facts& facts, const Cell& cell, double alone) {
  Line line{facts, cell, 0, "-", cell.find(0)->microseconds, 0};
  const Entry* zeros = cell.find(1);
  line.zeros = zeros != nullptr ? zeros->microseconds : line.dense;
  std::string row = "| " + facts.name + " | " + std::to_string(cell.rows) + " | " + microseconds(line.dense) + " |";
  for (std::size_t c = 2; c < roster_.contenders.size(); ++c) {
    const Entry* entry = cell.find(c);
    row += " " + (entry != nullptr ? microseconds(entry->microseconds) : "-") + " |";
    if (entry == nullptr || (line.best_peer > 0 && entry->microseconds >= line.best_peer)) continue;
    line.best_peer = entry->microseconds;
    line.best_name = roster_.contenders[c].name;
  }
  const double seconds = line.dense * 1e-6, rows = static_cast<double>(cell.rows);
  const Level& level = machine_.level_of(facts.weight_bytes);
  const double fma = facts.flops_per_row * rows / seconds / (machine_.gigaflops * 1e9);
  const double read = facts.weight_bytes / seconds / (level.gigabytes * 1e9);
  row += " " + line.best_name + " | " + ratio(line.best_peer / line.dense) + " | ";
  row += zeros != nullptr ? microseconds(line.zeros) + " | " + ratio(line.best_peer / line.zeros) + " | " +
                                number(100 * facts.zero_share, 0) + " % | "
                          : "- | - | - | ";
  row += number(100 * fma, 0) + " % | " + number(100 * read, 0) + " % " + level.name + " |";
  if (alone > 0) row += " " + number(rows / seconds, 0) + " | " + number(alone / line.dense, 2) + " |";
  print(row);
  lines_.push_back(std::move(line));
}

void Report::means(const std::string& title, bool (*belongs)(const Line&)) const {
  std::vector<double> dense, zeros;
  std::size_t lost = 0;
  for (const Line& line : lines_) {
    if (line.best_peer == 0 || !belongs(line)) continue;
    dense.push_back(line.best_peer / line.dense);
    zeros.push_back(line.best_peer / line.zeros);
    if (dense.back() < 1) ++lost;
  }
  if (dense.empty()) return;
  print("| " + title + " | " + std::to_string(dense.size()) + " | " + number(geometric_mean(dense), 3) + " | " +
        number(geometric_mean(zeros), 3) + " | " + std::to_string(lost) + " |");
}

void Report::means_against_each() const {
  for (std::size_t c = 2; c < roster_.contenders.size(); ++c) {
    std::vector<double> dense, zeros;
    std::size_t lost = 0;
    for (const Line& line : lines_) {
      const Entry* entry = line.cell.find(c);
      if (entry == nullptr) continue;
      dense.push_back(entry->microseconds / line.dense);
      zeros.push_back(entry->microseconds / line.zeros);
      if (dense.back() < 1) ++lost;
    }
    if (dense.empty()) continue;
    print("| against " + roster_.contenders[c].name + " alone | " + std::to_string(dense.size()) + " | " +
          number(geometric_mean(dense), 3) + " | " + number(geometric_mean(zeros), 3) + " | " + std::to_string(lost) +
          " |");
  }
}

void Report::kernels_and_ways() const {
  std::string last;
  print("\nKernels of lamina:\n");
  for (const Line& line : lines_) {
    if (line.facts.name == last) continue;
    last = line.facts.name;
    print("- " + last + ": " + join_repeats(line.facts.kernels));
  }
  print("\nThe ways that were fastest for each peer:\n");
  for (std::size_t c = 2; c < roster_.contenders.size(); ++c) {
    std::set<std::string> ways;
    for (const Line& line : lines_) {
      if (const Entry* entry = line.cell.find(c)) ways.insert(entry->way);
    }
    std::string text = "- " + roster_.contenders[c].name + ":";
    for (const std::string& way : ways) text += " " + way + ";";
    if (!ways.empty()) text.pop_back();
    print(text);
  }
  std::map<std::string, std::string> failures;  // what went wrong with a network -> batches
  for (const Line& line : lines_) {
    for (const std::string& failure : line.cell.failures) {
      failures[line.facts.name + ", " + failure] += " " + std::to_string(line.cell.rows);
    }
  }
  for (const auto& [failure, batches] : failures) print("- Missing: " + failure + " (batches" + batches + ")");
}

void Report::interruptions() const {
  std::size_t turns = 0, interrupted = 0;
  for (const Line& line : lines_) {
    turns += line.cell.turns;
    interrupted += line.cell.interrupted;
  }
  print(
      "\nIn " + std::to_string(interrupted) + " of " + std::to_string(turns) +
      " turns another program took a CPU, for the fifth time where turns are short: the fewer, the better the table.");
}

void Report::tail() const {
  print(
      "\n| geometric mean of best peer / lamina | cells | dense | zeros skipped | cells lost (dense) "
      "|\n|---|---|---|---|---|");
  means("all cells", [](const Line&) { return true; });
  means("six networks at 1, 8, 64, 512, 4096",
        [](const Line& line) { return is_goal_cell(line.facts.name, line.cell.rows); });
  means("batch 1 to 8", [](const Line& line) { return line.cell.rows <= 8; });
  means("batch 9 and more", [](const Line& line) { return line.cell.rows > 8; });
  means_against_each();
  if (options_.threads == 1 && options_.callers == 1) interruptions();
  kernels_and_ways();
}

}  // namespace lamina::bench
