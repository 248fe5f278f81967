// A file, or a seed -> the rows that are run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace lamina::tools {

/// Read once, or drawn.
class Rows {
 public:
  explicit Rows(const ProfileFlags& flags) : flags_(flags) {}

  /// Those of the file, up to 1 GiB; else at least `count` drawn ones, normal, as standardised features are.
  const std::vector<float>& get(const Plan& plan, std::size_t count);
  /// Rows of the file; without one, MLPerf's least number for its offline scenario, or as many as 1 GiB holds.
  [[nodiscard]] std::size_t all(const Plan& plan);
  /// "100 rows of x.npy", "drawn from seed 0".
  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  const ProfileFlags& flags_;
  std::vector<float> rows_;
  std::string description_;
};

}  // namespace lamina::tools
