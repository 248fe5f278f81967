// A whole array file -> one Tensor.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/row_source.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <utility>

namespace lamina::data {
namespace {

constexpr std::size_t kChunkElements = std::size_t{1} << 16;
constexpr std::uint64_t kMostTextBytes = std::uint64_t{1} << 30;  // of text, whose rows are not declared

// Grows with what arrives: a header that comes through a pipe may declare what never follows.
std::vector<float> read_growing(Reader& reader, const std::string& name) {
  std::vector<float> values;
  const std::size_t chunk = std::max<std::size_t>(1, kChunkElements / reader.row_size()) * reader.row_size();
  while (true) {
    const std::size_t size = values.size();
    values.resize(size + chunk);
    const std::size_t got = reader.read(std::span(values).subspan(size)) * reader.row_size();
    values.resize(size + got);
    if (got < chunk) return values;
    if (!reader.rows() && reader.bytes_read() > kMostTextBytes) {
      base::fail(Errc::limit_exceeded, name, "is longer than 1 GiB of text, too long to be held as a whole");
    }
  }
}

}  // namespace

Tensor read_array(const std::filesystem::path& path, const ReadOptions& options) {
  Reader reader(path, options);
  const bool single = reader.is_single_row();
  if (single) reader.as_column();
  const auto shape_for = [&](std::uint64_t rows) {
    Shape shape = single ? Shape{} : reader.row_shape();
    shape.insert(shape.begin(), static_cast<std::int64_t>(rows));
    return shape;
  };
  if (reader.rows() && reader.bytes_total()) {
    Tensor tensor(shape_for(*reader.rows()));
    (void)reader.read(tensor.mutable_values());
    return tensor;
  }
  const std::vector<float> values = read_growing(reader, path.string());
  return {shape_for(values.size() / reader.row_size()), values};
}

}  // namespace lamina::data
