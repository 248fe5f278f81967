// What is built beside this program -> the peers, each as a process ready to be asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contest.hpp"

#include <string>
#include <vector>

namespace lamina::bench {

struct Roster {
  std::vector<Contender> contenders;  ///< [0] lamina dense, [1] lamina with zeros skipped, then the peers
  std::vector<std::string> left_out;  ///< one line for each peer that is missing
};

/// Starts one process per peer on `cpus`. Under LAMINA_ISA each peer is held to the same instruction set through its
/// own switch; one that has none is left out.
[[nodiscard]] Roster start_peers(const Options& options, const std::vector<int>& cpus);

/// All that this program knows, built or not.
[[nodiscard]] std::vector<std::string> peer_names();

}  // namespace lamina::bench
