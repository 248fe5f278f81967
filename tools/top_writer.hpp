// Rows of scores -> the best classes of each row, by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/data.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace lamina::tools {

struct TopOptions {
  std::size_t count = 0;            // classes per row
  std::vector<std::string> labels;  // empty: the class's number
  std::size_t classes = 0;          // scores per row
  data::Format format = data::Format::csv;
};

/// csv: label,score,label,score,... a line; json and jsonl: [{"label": ..., "score": ...}, ...] a row. Best first,
/// equal ones in the order of the classes, NaN last.
class TopWriter {
 public:
  TopWriter(const std::string& path, TopOptions options);
  void write(std::span<const float> rows);
  void finish();

 private:
  void rank(std::span<const float> scores);
  void append_csv(std::span<const float> scores);
  void append_json(std::span<const float> scores);

  TopOptions options_;
  data::TextWriter out_;
  std::vector<std::string> cells_;  // labels, quoted as the format wants
  std::vector<std::size_t> order_;
  std::string text_;
  bool any_ = false;
};

}  // namespace lamina::tools
