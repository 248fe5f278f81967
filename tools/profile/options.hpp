// What the command line of lamina profile says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "input_options.hpp"
#include "model_options.hpp"
#include "profile/difference.hpp"
#include "profile/load.hpp"
#include "profile/slo.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lamina::tools {

/// As written.
struct ProfileFlags {
  ModelOptions model;
  InputOptions input;
  std::string scenario, batch, threads, concurrency;  // empty: not given
  double rate = 0;
  std::string arrivals = "poisson";
  std::string slo;
  double seconds = 1;
  std::string cache = "warm";
  std::string isa;
  std::string pin;
  bool no_roofs = false;
  std::string format = "text";
  std::string report;    // path of an HTML page
  std::string baseline;  // path of an older report
  std::string fail_if;
  std::string other;    // a second model
  std::string against;  // settings of the other side
};

enum class Scenario { single_stream, offline, server };

/// What the other side of a comparison does differently.
struct Against {
  std::optional<std::size_t> threads;
  std::optional<Isa> isa;
  std::optional<bool> fuse, skip_zeros;
};

/// As meant.
struct ProfilePlan {
  Scenario scenario = Scenario::single_stream;
  std::vector<std::size_t> batches;  // empty: all rows in one call
  std::vector<std::size_t> threads;  // 0: all effective CPUs
  std::vector<std::size_t> callers;  // of loads; empty: none are measured
  double rate = 0;
  Arrivals arrivals = Arrivals::poisson;
  std::optional<Slo> slo;
  std::optional<Isa> isa;
  std::optional<Against> against;  // two sides are compared
  std::vector<Threshold> thresholds;
};

/// "threads=2,isa=avx2,fuse=off,skip_zeros=off". Throws UsageError.
[[nodiscard]] Against parse_against(const std::string& text);

/// Throws UsageError for flags that contradict each other.
[[nodiscard]] ProfilePlan plan_profile(const ProfileFlags& flags);

}  // namespace lamina::tools
