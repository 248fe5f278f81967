// A network, its rows and the peers' processes -> times per call, of peers whose answers agree.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"
#include "child.hpp"
#include "options.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lamina::bench {

struct Contender {
  std::string name;
  std::string version;
  std::string reads;  ///< suffix of model files that it reads itself, "*" for all, else empty
  Child child;
};

struct Entry {
  std::size_t contender = 0;
  std::string way;          ///< the fastest of the peer's ways
  double microseconds = 0;  ///< median, per call (with several callers: wall time / calls of all)
};

struct Cell {
  std::size_t rows = 0;
  std::vector<Entry> entries;
  std::size_t turns = 0, interrupted = 0;  ///< turns measured, and those in which another program took a CPU
  std::vector<std::string> failures;       ///< "XNNPACK: why", one for each peer that is missing
  [[nodiscard]] const Entry* find(std::size_t contender) const;
};

/// Files that the peers read, in a folder that goes with this object.
class Files {
 public:
  Files();
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files();
  std::filesystem::path chain, inputs, outputs;

 private:
  std::filesystem::path folder_;
};

/// What is run: a chain of dense layers, a model file, or both.
struct Subject {
  std::optional<Chain> chain;
  std::filesystem::path model;  ///< empty: none
  std::size_t in = 0, out = 0;
  bool skips_zeros = false;   ///< its Plan does for few rows: else contenders[1] does the same as [0]
  std::vector<float> inputs;  ///< as many rows as the largest batch
};

/// Tells every peer which network comes next; what a peer says against it comes back with the first prepare.
void hand_out(const Subject& subject, const Files& files, std::span<Contender> contenders);

/// All peers prepare; answers are compared; then they take turns. contenders[0] is lamina, which must not fail.
[[nodiscard]] Cell run_cell(const Subject& subject, std::size_t rows, const Files& files,
                            std::span<Contender> contenders, const Options& options);

}  // namespace lamina::bench
