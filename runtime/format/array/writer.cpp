// A path and rows -> the writer of its format behind one face.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/row_sink.hpp"

#include <lamina/data.hpp>

#include <utility>

namespace lamina::data {

struct Writer::Impl {
  std::string name;
  std::size_t row_size = 1;
  std::unique_ptr<format::RowSink> sink;
  bool finished = false;
};

Writer::Writer(const std::filesystem::path& path, Shape row_shape, const WriteOptions& options,
               std::optional<std::uint64_t> rows)
    : impl_(std::make_unique<Impl>()) {
  impl_->name = path == "-" ? "standard output" : path.string();
  impl_->row_size = element_count(row_shape);
  if (impl_->row_size == 0)
    base::fail(Errc::shape_mismatch, impl_->name, "rows of shape " + to_string(row_shape) + " have no numbers");
  const Format format = options.format.value_or(format_of(path).value_or(Format::csv));
  if (format == Format::npz) {
    base::fail(Errc::unsupported_feature, impl_->name, "npz files are read but not written: use .npy");
  }
  const format::SinkOptions sink = {path, std::move(row_shape), impl_->row_size, rows};
  impl_->sink = format == Format::npy ? format::create_npy(sink) : format::create_text(sink, format);
}

Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

void Writer::write(std::span<const float> rows) {
  if (impl_->finished) base::fail(Errc::invalid_argument, impl_->name, "write() after finish()");
  if (rows.size() % impl_->row_size != 0) {
    base::fail(Errc::invalid_argument, impl_->name, "write()",
               "a multiple of " + std::to_string(impl_->row_size) + " numbers", std::to_string(rows.size()));
  }
  impl_->sink->write(rows);
}

void Writer::finish() {
  if (std::exchange(impl_->finished, true)) return;
  impl_->sink->finish();
}

}  // namespace lamina::data
