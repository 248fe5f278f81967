// JSON, whole or one list per line -> rows of float32.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/line_reader.hpp"
#include "format/array/number_grid.hpp"
#include "format/array/row_source.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format {
namespace {

// The text is gone once it is parsed; only the numbers are held.
class JsonRows final : public RowSource {
 public:
  explicit JsonRows(ByteStream stream) {
    const std::vector<std::byte> bytes = stream.rest();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bytes_ = text.size();
    if (text.empty()) base::fail(Errc::truncated, stream.name(), "is empty: expected '['");
    GridParser(text, stream.name()).parse_document(grid_);
    layout = layout_of(stream.name(), grid_.shape);
  }

  std::size_t read(std::span<float> rows) override {
    const std::size_t count = std::min(rows.size(), grid_.values.size() - taken_) / layout.row_size;
    const auto first = grid_.values.begin() + static_cast<std::ptrdiff_t>(taken_);
    std::copy_n(first, count * layout.row_size, rows.begin());
    taken_ += count * layout.row_size;
    return count;
  }
  std::uint64_t bytes_read() const noexcept override { return bytes_; }
  std::optional<std::uint64_t> bytes_total() const noexcept override { return bytes_; }

 private:
  NumberGrid grid_;
  std::size_t taken_ = 0;
  std::uint64_t bytes_ = 0;
};

class JsonLines final : public RowSource {
 public:
  explicit JsonLines(ByteStream stream) : lines_(std::move(stream), false) {
    pending_ = next();
    if (!pending_) base::fail(Errc::truncated, lines_.stream().name(), "is empty: expected a list of numbers per line");
    layout.row_shape = grid_.shape;
    layout.row_size = grid_.values.size();
  }

  std::size_t read(std::span<float> rows) override {
    std::size_t done = 0;
    while (rows.size() >= layout.row_size && (std::exchange(pending_, false) || next())) {
      std::copy(grid_.values.begin(), grid_.values.end(), rows.begin());
      rows = rows.subspan(layout.row_size);
      ++done;
    }
    return done;
  }
  std::uint64_t bytes_read() const noexcept override { return lines_.stream().position(); }
  std::optional<std::uint64_t> bytes_total() const noexcept override { return lines_.stream().size(); }

 private:
  bool next() {
    const std::optional<std::string_view> line = lines_.next();
    if (!line) return false;
    GridParser(*line, lines_.stream().name(), static_cast<std::size_t>(lines_.line())).parse(grid_);
    if (!layout.row_shape.empty() && grid_.shape != layout.row_shape) {
      base::fail(Errc::shape_mismatch, lines_.place(), "shape of the row",
                 to_string(layout.row_shape) + " as in line 1", to_string(grid_.shape));
    }
    return true;
  }

  LineReader lines_;
  NumberGrid grid_;
  bool pending_ = false;  // grid_ holds a row that was not yet handed out
};

}  // namespace

std::unique_ptr<RowSource> open_json(ByteStream stream) { return std::make_unique<JsonRows>(std::move(stream)); }

std::unique_ptr<RowSource> open_jsonl(ByteStream stream) { return std::make_unique<JsonLines>(std::move(stream)); }

}  // namespace lamina::format
