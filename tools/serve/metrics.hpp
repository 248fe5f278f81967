// What a server counts while it runs: any thread may add, none waits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lamina::serve {

using Counter = std::atomic<std::uint64_t>;

inline void add(Counter& counter, std::uint64_t amount = 1) noexcept {
  counter.fetch_add(amount, std::memory_order_relaxed);
}
inline std::uint64_t value_of(const Counter& counter) noexcept { return counter.load(std::memory_order_relaxed); }

/// Durations in steps of 1, 2.5, 5 from 10 us to 10 s.
class Histogram {
 public:
  static constexpr std::array<double, 19> kBounds = {1e-5,   2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2,
                                                     2.5e-2, 5e-2,   0.1,  0.25, 0.5,    1,    2.5,  5,      10};

  void record(std::chrono::nanoseconds duration) noexcept;
  /// Durations up to kBounds[i] and beyond kBounds[i - 1]; the last are beyond all.
  [[nodiscard]] std::uint64_t count(std::size_t i) const noexcept { return value_of(counts_[i]); }
  [[nodiscard]] double seconds() const noexcept { return static_cast<double>(value_of(nanoseconds_)) * 1e-9; }

 private:
  std::array<Counter, kBounds.size() + 1> counts_{};
  Counter nanoseconds_{0};
};

/// How an inference request ended.
enum class Outcome { ok, invalid, rejected, timeout, cancelled, error };
inline constexpr std::array<std::string_view, 6> kOutcomes = {"ok",      "invalid",   "rejected",
                                                              "timeout", "cancelled", "error"};

struct ModelMetrics {
  std::array<Counter, kOutcomes.size()> requests{};
  Histogram request;  // from the last byte of the request until the answer is ready to be sent; those answered
  Histogram compute;  // of that, waiting for a run and the run itself

  void count(Outcome outcome) noexcept { add(requests[static_cast<std::size_t>(outcome)]); }
};

struct ServerMetrics {
  std::chrono::system_clock::time_point start = std::chrono::system_clock::now();
  Counter connections{0};  // open now
  Counter connections_accepted{0};
  Counter connections_refused{0};      // beyond the limit
  std::array<Counter, 6> responses{};  // by hundreds of their status
  Counter timeouts{0};                 // clients that were too slow
  Counter reloads{0};
  Counter reload_failures{0};
};

}  // namespace lamina::serve
