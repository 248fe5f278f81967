// Work done so far -> a bar on stderr, where that is a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/data.hpp>

#include <chrono>
#include <cstdint>

namespace lamina::tools {

/// Silent for work that is done within half a second, and where stderr is no terminal.
class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // clears the line

  void show(const data::Reader& reader, std::uint64_t rows);

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace lamina::tools
