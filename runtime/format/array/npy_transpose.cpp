// An npy file in Fortran order (its rows are strided) -> rows of float32.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/npy_transpose.hpp"

#include "base/checked.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format {
namespace {

// The larger the block, the longer the piece that one read takes from each column.
constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 20;

class TransposedRows final : public RowSource {
 public:
  TransposedRows(ByteStream stream, const NpyHeader& header, RowLayout rows) : type_(header.type) {
    layout = std::move(rows);
    held_ = stream.hold();
    const base::CheckedU64 bytes = base::CheckedU64(*layout.rows) * layout.row_size * type_.size;
    total_ = bytes.value();
    check_npy_size(stream.name(), header, held_.size);
    block_rows_ = std::clamp<std::uint64_t>(kBlockBytes / (layout.row_size * sizeof(float)), 1,
                                            std::max<std::uint64_t>(1, *layout.rows));
  }

  std::size_t read(std::span<float> rows) override {
    std::size_t done = 0;
    while (rows.size() >= layout.row_size && next_ < *layout.rows) {
      if (next_ >= block_first_ + block_count_) load_block();
      const std::uint64_t ready = block_first_ + block_count_ - next_;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(ready, rows.size() / layout.row_size));
      const auto from = static_cast<std::ptrdiff_t>((next_ - block_first_) * layout.row_size);
      std::copy_n(block_.begin() + from, count * layout.row_size, rows.begin());
      rows = rows.subspan(count * layout.row_size);
      next_ += count;
      done += count;
    }
    return done;
  }
  std::uint64_t bytes_read() const noexcept override { return next_ * layout.row_size * type_.size; }
  std::optional<std::uint64_t> bytes_total() const noexcept override { return total_; }

 private:
  void load_block();
  void load_column(std::uint64_t column, std::size_t target);

  ElementType type_;
  ByteStream::Held held_;
  std::uint64_t total_ = 0;
  std::uint64_t block_rows_ = 0;
  std::uint64_t block_first_ = 0;
  std::uint64_t block_count_ = 0;
  std::uint64_t next_ = 0;  // row
  std::vector<float> block_;
  std::vector<std::byte> bytes_;
  std::vector<float> column_;
};

// The file runs through the row's dimensions with the first one fastest, a row of ours with the last one.
void TransposedRows::load_block() {
  block_first_ = next_;
  block_count_ = std::min(block_rows_, *layout.rows - block_first_);
  block_.resize(static_cast<std::size_t>(block_count_) * layout.row_size);
  bytes_.resize(static_cast<std::size_t>(block_count_) * type_.size);
  column_.resize(static_cast<std::size_t>(block_count_));
  const Shape& shape = layout.row_shape;
  std::vector<std::size_t> stride(shape.size(), 1);
  for (std::size_t i = shape.size() - 1; i > 0; --i) stride[i - 1] = stride[i] * static_cast<std::size_t>(shape[i]);
  Shape index(shape.size(), 0);
  std::size_t target = 0;
  for (std::uint64_t column = 0; column < layout.row_size; ++column) {
    load_column(column, target);
    for (std::size_t i = 0; i < shape.size(); ++i) {
      target += stride[i];
      if (++index[i] < shape[i]) break;
      target -= stride[i] * static_cast<std::size_t>(shape[i]);
      index[i] = 0;
    }
  }
}

void TransposedRows::load_column(std::uint64_t column, std::size_t target) {
  held_.source->read(held_.offset + (column * *layout.rows + block_first_) * type_.size, bytes_);
  decode(type_, bytes_, column_);
  for (const float value : column_) {
    block_[target] = value;
    target += layout.row_size;
  }
}

}  // namespace

std::unique_ptr<RowSource> open_npy_transposed(ByteStream stream, const NpyHeader& header, RowLayout rows) {
  return std::make_unique<TransposedRows>(std::move(stream), header, std::move(rows));
}

}  // namespace lamina::format
