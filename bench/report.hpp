// Times, roofs and kernels -> the Markdown table of compare.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contest.hpp"
#include "machine/machine.hpp"
#include "roster.hpp"

#include <string>
#include <vector>

namespace lamina::bench {

/// What the table says of one network beside its times.
struct Facts {
  std::string name;
  double flops_per_row = 0;
  double weight_bytes = 0;
  double zero_share = 0;             ///< of the inputs of layers that skip zeros; 0 where none does
  bool skips_zeros = false;          ///< one of its layers does, for one row
  std::vector<std::string> kernels;  ///< "Linear 784 -> 128 + ReLU: linear_f32 6x64 avx512"
};

class Report {
 public:
  Report(const Machine& machine, const Roster& roster, const Options& options);

  void head() const;
  /// Prints one row and remembers it for the means.
  void cell(const Facts& facts, const Cell& cell);
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
  void kernels_and_ways() const;

  const Machine& machine_;
  const Roster& roster_;
  const Options& options_;
  std::vector<Line> lines_;
};

}  // namespace lamina::bench
