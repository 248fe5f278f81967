// An older report in JSON, and a new one -> what became slower.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <string>

namespace lamina::tools {

/// An older report's runs. Throws Error{io, malformed} with the file's name.
class Baseline {
 public:
  explicit Baseline(const std::string& path);

  /// Fills in report.changes, each run beside the older one with the same batch, threads and cache, and says in its
  /// verdict what is beyond a threshold. True where nothing is. Throws Error where a run has no older one, or a
  /// threshold too few samples.
  [[nodiscard]] bool check(Report& report, const std::vector<Threshold>& thresholds) const;

 private:
  [[nodiscard]] std::vector<RunDifference> compare(const Report& report) const;
  /// "" or what else differs: the CPU, the instruction set, the model.
  [[nodiscard]] std::string warning(const Report& report) const;
  struct Run {
    std::size_t batch = 0;
    int threads = 0;
    std::string cache, isa;
    Blocks blocks;
  };
  std::string path_, cpu_, model_;
  std::vector<Run> runs_;
};

}  // namespace lamina::tools
