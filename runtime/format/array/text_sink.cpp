// Rows of float32 -> csv, json or jsonl with the shortest numbers that read back equal.
// SPDX-License-Identifier: Apache-2.0
#include "base/file_writer.hpp"
#include "format/array/number.hpp"
#include "format/array/row_sink.hpp"

#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

namespace lamina::format {
namespace {

class TextSink final : public RowSink {
 public:
  TextSink(const SinkOptions& options, data::Format format)
      : file_(options.path), format_(format), row_size_(options.row_size) {
    // csv has no nested rows: one group per row, without brackets.
    if (format != data::Format::csv) shape_ = options.row_shape;
    group_ = shape_.empty() ? row_size_ : static_cast<std::size_t>(shape_.back());
  }

  void write(std::span<const float> rows) override {
    for (; !rows.empty(); rows = rows.subspan(row_size_)) {
      begin_row();
      write_row(rows.first(row_size_));
      if (format_ != data::Format::json) put('\n');
    }
  }

  void finish() override {
    if (format_ == data::Format::json) put(any_ ? "]\n" : "[]\n");
    flush();
    file_.finish();
  }

 private:
  void begin_row() {
    if (format_ == data::Format::json) put(any_ ? ",\n" : "[");
    any_ = true;
  }
  void write_row(std::span<const float> row);
  void write_numbers(std::span<const float> group);
  std::size_t boundary(std::size_t element) const;

  void put(char c) { put(std::string_view(&c, 1)); }
  void put(std::string_view text) {
    if (text.size() > buffer_.size() - used_) flush();
    std::memcpy(buffer_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void put(std::size_t count, char c) {
    for (std::size_t i = 0; i < count; ++i) put(c);
  }
  void flush() {
    file_.write(buffer_.data(), used_);
    used_ = 0;
  }

  base::FileWriter file_;
  data::Format format_;
  std::size_t row_size_;
  std::size_t group_ = 1;  // numbers of an innermost list
  Shape shape_;            // empty: no brackets
  bool any_ = false;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{1} << 16);
  std::size_t used_ = 0;
};

// How many lists of a row open in front of `element`, a multiple of group_ (and close, where they end there).
std::size_t TextSink::boundary(std::size_t element) const {
  std::size_t lists = 0;
  std::size_t size = 1;
  for (std::size_t i = shape_.size(); i-- > 0;) {
    size *= static_cast<std::size_t>(shape_[i]);
    if (element % size != 0) break;
    ++lists;
  }
  return lists;
}

void TextSink::write_row(std::span<const float> row) {
  const bool list = format_ != data::Format::csv;
  const std::size_t depth = list && shape_.empty() ? 1 : shape_.size();  // a row of rank 0 is a list of one
  for (std::size_t at = 0; at < row.size(); at += group_) {
    const std::size_t lists = at == 0 ? depth : boundary(at);
    if (at != 0) put(',');
    put(lists, '[');
    write_numbers(row.subspan(at, group_));
    const std::size_t end = at + group_;
    put(end == row.size() ? depth : boundary(end), ']');
  }
}

void TextSink::write_numbers(std::span<const float> group) {
  const bool nulls = format_ != data::Format::csv;
  bool first = true;
  for (const float value : group) {
    if (buffer_.size() - used_ < kNumberChars + 4) flush();
    char* out = buffer_.data() + used_;
    if (!first) *out++ = ',';
    first = false;
    if (nulls && !std::isfinite(value)) {
      std::memcpy(out, "null", 4);
      out += 4;
    } else {
      out = write_number(out, value);
    }
    used_ = static_cast<std::size_t>(out - buffer_.data());
  }
}

}  // namespace

std::unique_ptr<RowSink> create_text(const SinkOptions& options, data::Format format) {
  return std::make_unique<TextSink>(options, format);
}

}  // namespace lamina::format
