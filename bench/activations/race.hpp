// Functions in turns, the CPU's clock -> median nanoseconds of each, GHz.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace lamina::bench {

/// Median ns per element of each, 15 rounds in turns of about 0.2 ms; 0 for an empty one.
[[nodiscard]] std::vector<double> race(const std::vector<std::function<void()>>& runs, double elements);

/// By a chain of dependent additions, one a cycle on every x86-64 CPU.
[[nodiscard]] double measured_ghz();

}  // namespace lamina::bench
