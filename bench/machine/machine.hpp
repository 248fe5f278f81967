// This machine and a number of threads -> its roofs: fp32 FMA peak and read bandwidth of each level of memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/system.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace lamina::bench {

struct Level {
  std::string name;       ///< "L1", "L2", "L3", "memory"
  std::size_t bytes = 0;  ///< its size; memory: unlimited
  double gigabytes = 0;   ///< read per second, all threads together
};

struct Machine {
  std::string cpu, isa;
  int threads = 1;
  double gigaflops = 0;  ///< fp32 multiply-adds, all threads together
  std::vector<Level> levels;

  /// The first level that `bytes` of weights fit in.
  [[nodiscard]] const Level& level_of(double bytes) const;
};

/// Pins the calling thread and its helpers to `cpus`, one each. About a second.
[[nodiscard]] Machine measure_machine(const std::vector<int>& cpus);

}  // namespace lamina::bench
