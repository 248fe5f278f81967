// An npy file -> rows of float32: streamed as it stands, or gathered by columns where it is in Fortran order.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "base/fail.hpp"
#include "format/array/npy_header.hpp"
#include "format/array/npy_transpose.hpp"
#include "format/array/row_source.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kChunkElements = 8192;  // decoded at a time: input and output stay in the L1 and L2 caches

class NpyRows final : public RowSource {
 public:
  NpyRows(ByteStream stream, ElementType type, RowLayout rows) : stream_(std::move(stream)), type_(type) {
    layout = std::move(rows);
    left_ = (base::CheckedU64(*layout.rows) * layout.row_size).value();
  }

  std::size_t read(std::span<float> rows) override {
    const std::size_t whole = rows.size() / layout.row_size * layout.row_size;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(whole, left_));
    take(rows.first(count));
    left_ -= count;
    if (left_ == 0 && !ended_) check_end();
    return count / layout.row_size;
  }
  std::uint64_t bytes_read() const noexcept override { return stream_.position(); }
  std::optional<std::uint64_t> bytes_total() const noexcept override { return stream_.size(); }

 private:
  void take(std::span<float> out);
  void read_bytes(std::span<std::byte> bytes);
  void check_end();

  ByteStream stream_;
  ElementType type_;
  std::uint64_t left_ = 0;  // elements
  bool ended_ = false;
  std::vector<std::byte> chunk_;
};

void NpyRows::take(std::span<float> out) {
  if (type_.kind == ElementKind::floating && type_.size == 4) {  // in place: no copy beside that out of the file
    const std::span<std::byte> bytes = std::as_writable_bytes(out);
    read_bytes(bytes);
    if (type_.big_endian || std::endian::native == std::endian::big) decode(type_, bytes, out);
    return;
  }
  chunk_.resize(kChunkElements * type_.size);
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), kChunkElements);
    const std::span<std::byte> bytes = std::span(chunk_).first(count * type_.size);
    read_bytes(bytes);
    decode(type_, bytes, out.first(count));
    out = out.subspan(count);
  }
}

void NpyRows::read_bytes(std::span<std::byte> bytes) {
  const std::size_t got = stream_.read(bytes);
  if (got == bytes.size()) return;
  base::fail(Errc::truncated, stream_.name(),
             "ends within its rows: " + std::to_string(left_ * type_.size - got) + " bytes are missing");
}

void NpyRows::check_end() {
  ended_ = true;
  if (!stream_.at_end()) base::fail(Errc::malformed, stream_.name(), "has bytes behind its last row");
}

}  // namespace

std::unique_ptr<RowSource> open_npy(ByteStream stream) {
  const NpyHeader header = read_npy_header(stream);
  RowLayout rows = layout_of(stream.name(), header.shape);
  if (stream.size()) check_npy_size(stream.name(), header, *stream.size() - stream.position());
  if (header.fortran_order && header.shape.size() > 1) {
    return open_npy_transposed(std::move(stream), header, std::move(rows));
  }
  return std::make_unique<NpyRows>(std::move(stream), header.type, std::move(rows));
}

}  // namespace lamina::format
