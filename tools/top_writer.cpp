// Rows of scores -> the best classes of each row, by name.
// SPDX-License-Identifier: Apache-2.0
#include "top_writer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace lamina::tools {
namespace {

std::string csv_cell(const std::string& name) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
  std::string cell = "\"";
  for (const char c : name) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"";
}

std::string json_cell(const std::string& name) {
  return nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TopWriter::TopWriter(const std::string& path, TopOptions options) : options_(std::move(options)), out_(path) {
  const bool csv = options_.format == data::Format::csv;
  for (std::size_t i = 0; i < options_.classes; ++i) {
    const std::string name = options_.labels.empty() ? std::to_string(i) : options_.labels[i];
    cells_.push_back(csv ? csv_cell(name) : json_cell(name));
  }
  order_.resize(options_.classes);
}

void TopWriter::rank(std::span<const float> scores) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  const auto better = [&](std::size_t a, std::size_t b) {
    if (std::isnan(scores[a]) || std::isnan(scores[b])) {
      return std::isnan(scores[a]) == std::isnan(scores[b]) ? a < b : std::isnan(scores[b]);
    }
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  };
  std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(options_.count), order_.end(), better);
}

void TopWriter::append_csv(std::span<const float> scores) {
  for (std::size_t k = 0; k < options_.count; ++k) {
    text_ += (k == 0 ? "" : ",") + cells_[order_[k]] + ",";
    data::append_number(text_, scores[order_[k]]);
  }
  text_ += '\n';
}

void TopWriter::append_json(std::span<const float> scores) {
  if (options_.format == data::Format::json) text_ += any_ ? ",\n" : "[";
  text_ += '[';
  for (std::size_t k = 0; k < options_.count; ++k) {
    const float score = scores[order_[k]];
    text_ += (k == 0 ? "{\"label\": " : ", {\"label\": ") + cells_[order_[k]] + ", \"score\": ";
    if (std::isfinite(score)) {
      data::append_number(text_, score);
    } else {
      text_ += "null";
    }
    text_ += '}';
  }
  text_ += options_.format == data::Format::json ? "]" : "]\n";
}

void TopWriter::write(std::span<const float> rows) {
  for (; !rows.empty(); rows = rows.subspan(options_.classes)) {
    const std::span<const float> scores = rows.first(options_.classes);
    rank(scores);
    options_.format == data::Format::csv ? append_csv(scores) : append_json(scores);
    any_ = true;
  }
  out_.write(text_);
  text_.clear();
}

void TopWriter::finish() {
  if (options_.format == data::Format::json) out_.write(any_ ? "]\n" : "[]\n");
  out_.finish();
}

}  // namespace lamina::tools
