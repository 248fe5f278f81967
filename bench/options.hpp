// The command line of compare -> what to measure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace lamina::bench {

struct Options {
  std::vector<std::string> networks;    ///< empty: all
  std::vector<std::size_t> batches;     ///< empty: all
  std::vector<std::string> peers;       ///< empty: all that are built
  int threads = 1;                      ///< of each call
  std::size_t callers = 1;              ///< calls at the same time, on one prepared network
  int rounds = 9;                       ///< fewer where a round takes long
  double round_ms = 2;                  ///< least time of a peer in a round
  std::filesystem::path model, inputs;  ///< the user's own, else empty
};

/// Ends the program for --help and for errors.
[[nodiscard]] Options parse_options(int argc, char** argv);

}  // namespace lamina::bench
