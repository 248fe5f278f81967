// A model ready to run -> its latency, its causes and its steps, for one number of rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <lamina/lamina.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace lamina::tools {

/// One caller: rows, answers and scratch of its own. Rows are given to run in turn, batch by batch.
class Caller {
 public:
  /// `rows`: whole rows, at least one; repeated where they are fewer than a batch.
  Caller(const Plan& plan, std::size_t batch, std::span<const float> rows);

  void call() { plan_.run(turn(), y_, workspace_); }
  void call(Profiler& profiler) { plan_.run(turn(), y_, workspace_, profiler); }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] std::size_t batch() const { return batch_; }
  [[nodiscard]] const Workspace& workspace() const { return workspace_; }
  [[nodiscard]] std::span<const float> rows() const { return x_; }

 private:
  [[nodiscard]] std::span<const float> turn() {
    const std::size_t size = batch_ * plan_.input_size();
    const std::span<const float> x(x_.data() + at_, size);
    at_ = at_ + 2 * size <= x_.size() ? at_ + size : 0;
    return x;
  }

  Plan plan_;
  std::size_t batch_;
  Workspace workspace_;
  std::vector<float> x_, y_;
  std::size_t at_ = 0;
};

struct MeasureOptions {
  double seconds = 1;
  bool cold = false;  // weights, rows and scratch out of the caches before each call
  double clock_ns = 0;
};

/// First call, warm-up until steady, latencies and causes; then, in runs of their own, the steps. `beside`, where there
/// is one, is called in turns with it, a fiftieth of the time each: what disturbs one disturbs the other.
[[nodiscard]] RunReport measure(Caller& caller, Caller* beside, const MeasureOptions& options);

}  // namespace lamina::tools
