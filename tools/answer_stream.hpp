// Plan + Reader -> blocks of answers, in bounded memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lamina::tools {

/// Reads rows and runs them, block by block, with buffers that are made once. A batch-coupled plan gets all rows in
/// one block, of at most kCoupledBytes.
class AnswerStream {
 public:
  static constexpr std::size_t kCoupledBytes = std::size_t{1} << 30;

  /// `batch`: rows of one call of Plan::run; absent: as many as make blocks of a few MB.
  /// Throws UsageError for a `batch` that does not suit the plan, Error for rows that do not.
  AnswerStream(Plan plan, data::Reader reader, const std::string& path, std::optional<std::size_t> batch = {});

  /// Whole rows of output_size() numbers, valid until the next call; empty after the last row.
  [[nodiscard]] std::span<const float> next();

  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const data::Reader& reader() const noexcept { return reader_; }
  /// Rows answered so far.
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

 private:
  [[nodiscard]] std::size_t read_block();
  [[nodiscard]] std::size_t read_all();

  Plan plan_;
  data::Reader reader_;
  std::string place_;
  std::vector<float> x_, y_;
  std::optional<Workspace> workspace_;
  std::uint64_t rows_ = 0;
};

}  // namespace lamina::tools
