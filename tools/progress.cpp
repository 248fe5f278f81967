// Work done so far -> a bar on stderr, where that is a terminal.
// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace lamina::tools {
namespace {

constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::milliseconds kInterval{100};
constexpr std::size_t kWidth = 30;

std::string bar(double share) {
  const double inside = std::clamp(share, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(inside * static_cast<double>(kWidth));
  const std::string percent = std::to_string(static_cast<int>(inside * 100));
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] " + percent + " %  ";
}

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) != 0), next_(Clock::now() + kQuiet) {}

Progress::~Progress() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void Progress::show(const data::Reader& reader, std::uint64_t rows) {
  if (!terminal_ || Clock::now() < next_) return;
  next_ = Clock::now() + kInterval;
  shown_ = true;
  std::string line = "\r\033[K";
  const std::uint64_t total = reader.bytes_total().value_or(0);
  if (total != 0) line += bar(static_cast<double>(reader.bytes_read()) / static_cast<double>(total));
  std::cerr << line << rows << " rows" << std::flush;
}

}  // namespace lamina::tools
