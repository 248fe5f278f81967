// A path -> the reader of its format behind one face.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/detect.hpp"
#include "format/array/row_source.hpp"

#include <lamina/data.hpp>

#include <utility>

namespace lamina::data {

struct Reader::Impl {
  std::string name;
  std::unique_ptr<format::RowSource> source;
  bool started = false;
};

namespace {

std::unique_ptr<format::RowSource> open(format::ByteStream stream, Format format, const ReadOptions& options) {
  switch (format) {
    case Format::npy:
      return format::open_npy(std::move(stream));
    case Format::npz:
      return format::open_npz(std::move(stream), options.array);
    case Format::json:
      return format::open_json(std::move(stream));
    case Format::jsonl:
      return format::open_jsonl(std::move(stream));
    case Format::csv:
      break;
  }
  return format::open_csv(std::move(stream), options);
}

void check_options(const ReadOptions& options, Format format) {
  if (!options.array.empty() && format != Format::npz) {
    base::fail(Errc::invalid_argument, "an array is chosen by name, which only npz files have");
  }
  if (format != Format::csv && (!options.columns.empty() || options.header == true)) {
    base::fail(Errc::invalid_argument, "columns or a header are asked for, which only csv files have");
  }
}

}  // namespace

Reader::Reader(const std::filesystem::path& path, const ReadOptions& options) : impl_(std::make_unique<Impl>()) {
  format::ByteStream stream = format::ByteStream::open(path);
  impl_->name = stream.name();
  try {
    const Format format = options.format ? *options.format : format::detect_format(stream, path);
    check_options(options, format);
    impl_->source = open(std::move(stream), format, options);
  } catch (const Error& error) {
    throw format::named(error, impl_->name);
  }
}

Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

const Shape& Reader::row_shape() const noexcept { return impl_->source->layout.row_shape; }
std::size_t Reader::row_size() const noexcept { return impl_->source->layout.row_size; }
bool Reader::is_single_row() const noexcept { return impl_->source->layout.single_row; }
std::optional<std::uint64_t> Reader::rows() const noexcept { return impl_->source->layout.rows; }
const std::vector<std::string>& Reader::column_names() const noexcept { return impl_->source->layout.names; }
std::uint64_t Reader::bytes_read() const noexcept { return impl_->source->bytes_read(); }
std::optional<std::uint64_t> Reader::bytes_total() const noexcept { return impl_->source->bytes_total(); }

void Reader::as_column() {
  if (impl_->started) base::fail(Errc::invalid_argument, impl_->name, "as_column() after the first read()");
  format::RowLayout& layout = impl_->source->layout;
  if (!layout.single_row) {
    base::fail(Errc::invalid_argument, impl_->name, "as_column() needs a one-dimensional array");
  }
  layout.rows = layout.row_size;
  layout.row_size = 1;
  layout.row_shape = {1};
  layout.single_row = false;
}

std::size_t Reader::read(std::span<float> rows) {
  const std::size_t row = row_size();
  if (rows.size() % row != 0) {
    base::fail(Errc::invalid_argument, impl_->name, "read()", "a multiple of " + std::to_string(row) + " numbers",
               std::to_string(rows.size()));
  }
  impl_->started = true;
  try {
    return impl_->source->read(rows);
  } catch (const Error& error) {
    throw format::named(error, impl_->name);
  }
}

}  // namespace lamina::data
