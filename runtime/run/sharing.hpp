// A Program and a number of rows -> how many threads share the work, and along which side: the cost model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"

#include <cstddef>
#include <cstdint>

namespace lamina::run {

enum class Side : std::uint8_t {
  rows,     // each thread takes rows through all layers: one meeting, at the end
  outputs,  // all threads share each large layer's outputs: each weight is read once, a meeting per phase
};

struct Sharing {
  std::size_t threads = 1;  // 1: the caller alone, no fork
  Side side = Side::rows;
};

/// Estimated time of one thread for `rows` rows, in ns.
[[nodiscard]] double estimate_alone(const plan::Program& program, std::size_t rows) noexcept;

/// Below this many ns of estimated work nothing is shared out, and no clock is read.
inline constexpr double kLeastWorth = 8000;

/// `busy`: the caller's previous run ended so recently that the workers are still awake. A pure function.
[[nodiscard]] Sharing choose_sharing(const plan::Program& program, std::size_t rows, bool busy) noexcept;

}  // namespace lamina::run
