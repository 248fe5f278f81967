// A chain, a number of rows and of threads -> ways to compute it: what every peer offers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chain.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace lamina::bench {

struct Task {
  Chain chain;             ///< empty where the model is no chain and the peer reads its file
  std::string model_file;  ///< the user's own model, else empty
  std::size_t rows = 0;
  int threads = 1;
};

/// Computes y from the x that it was made for: no more than that is timed.
using Run = std::function<void()>;

/// One way to compute a Task with a peer, its weights prepared. Where a peer's documentation leaves a choice, it offers
/// every one; the fastest on this Task is taken before anything is measured.
struct Way {
  std::string name;
  /// One caller's run, with its own scratch; x and y are 64-byte aligned and fixed.
  std::function<Run(const float* x, float* y)> caller;
};

/// Each peer is an executable of its own: it defines these two, peers/main.cpp serves them.
[[nodiscard]] std::string peer_version();
/// `variant` is the executable's argument: lamina's "dense" or "zeros". Throws where the peer cannot do the task.
[[nodiscard]] std::vector<Way> peer_ways(const Task& task, const std::string& variant);

}  // namespace lamina::bench
