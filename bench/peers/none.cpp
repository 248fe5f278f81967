// A build without the peer -> no way to compute anything.
// SPDX-License-Identifier: Apache-2.0
#include "peers/peer.hpp"

namespace lamina::bench {

std::string peer_version() { return "none"; }
std::vector<Way> peer_ways(const Task&, const std::string&) { return {}; }

}  // namespace lamina::bench
