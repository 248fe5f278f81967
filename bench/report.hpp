// Times, roofs and kernels -> the Markdown table of compare.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contest.hpp"
#include "facts.hpp"
#include "machine/machine.hpp"
#include "roster.hpp"

#include <string>
#include <vector>

namespace lamina::bench {

class Report {
 public:
  Report(const Machine& machine, const Roster& roster, const Options& options);

  void head() const;
  /// Prints one row and remembers it for the means. `alone`: with several callers, the time of a single one.
  void cell(const Facts& facts, const Cell& cell, double alone);
  /// Kernels, ways, geometric means and who failed.
  void tail() const;

 private:
  struct Line {
    Facts facts;
    Cell cell;
    double best_peer = 0;  ///< microseconds; 0 where there is none
    std::string best_name;
    double dense = 0, zeros = 0;
  };
  void means(const std::string& title, bool (*belongs)(const Line&)) const;
  void means_against_each() const;
  void interruptions() const;
  void kernels_and_ways() const;

  const Machine& machine_;
  const Roster& roster_;
  const Options& options_;
  std::vector<Line> lines_;
};

}  // namespace lamina::bench
