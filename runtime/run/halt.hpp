// A stop token and a deadline -> whether a run is to be given up, asked by all its threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/plan.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lamina::run {

enum class Outcome : std::uint8_t { done, cancelled, deadline_exceeded };

/// Borrows the options. What one thread has found holds for all, so that none finishes a part that others left.
class Halt {
 public:
  explicit Halt(const RunOptions& options) noexcept : options_(options) {}

  [[nodiscard]] static bool possible(const RunOptions& options) noexcept {
    return options.stop_token.stop_possible() || options.deadline != kNever;
  }

  /// A clock costs 20 ns, and is read only where there is a deadline.
  [[nodiscard]] bool asked() noexcept {
    if (outcome() != Outcome::done) return true;
    if (options_.stop_token.stop_requested()) return found(Outcome::cancelled);
    if (options_.deadline == kNever || std::chrono::steady_clock::now() < options_.deadline) return false;
    return found(Outcome::deadline_exceeded);
  }

  [[nodiscard]] Outcome outcome() const noexcept { return outcome_.load(std::memory_order_relaxed); }

 private:
  static constexpr auto kNever = std::chrono::steady_clock::time_point::max();

  bool found(Outcome outcome) noexcept {
    Outcome none = Outcome::done;
    outcome_.compare_exchange_strong(none, outcome, std::memory_order_relaxed);
    return true;
  }

  const RunOptions& options_;
  std::atomic<Outcome> outcome_{Outcome::done};
};

}  // namespace lamina::run
