// Rows of float32 -> an npy file, whose header is completed at the end where the number of rows was not known.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "base/file_writer.hpp"
#include "base/little_endian.hpp"
#include "format/array/npy_header.hpp"
#include "format/array/row_sink.hpp"

#include <bit>
#include <string>
#include <vector>

namespace lamina::format {
namespace {

class NpySink final : public RowSink {
 public:
  explicit NpySink(const SinkOptions& options) : file_(options.path), options_(options) {
    if (!options.rows && !file_.seekable()) {
      base::fail(
          Errc::invalid_argument, options.path.string(),
          "npy has its number of rows in front, which is not known yet: write to a regular file, or csv or jsonl");
    }
    const std::string header = npy_header(options.rows.value_or(0), options.row_shape);
    file_.write(header.data(), header.size());
  }

  void write(std::span<const float> rows) override {
    written_ += rows.size() / options_.row_size;
    if constexpr (std::endian::native == std::endian::little) {
      file_.write(std::as_bytes(rows));
    } else {
      std::vector<std::byte> bytes(rows.size() * sizeof(float));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        base::store_le(std::bit_cast<std::uint32_t>(rows[i]), bytes.data() + i * sizeof(float));
      }
      file_.write(bytes);
    }
  }

  void finish() override {
    if (options_.rows && *options_.rows != written_) {
      base::fail(Errc::invalid_argument, options_.path.string(), "number of rows", std::to_string(*options_.rows),
                 std::to_string(written_));
    }
    if (!options_.rows) {
      const std::string header = npy_header(written_, options_.row_shape);
      file_.rewrite(0, std::as_bytes(std::span(header)));
    }
    file_.finish();
  }

 private:
  base::FileWriter file_;
  SinkOptions options_;
  std::uint64_t written_ = 0;
};

}  // namespace

std::unique_ptr<RowSink> create_npy(const SinkOptions& options) { return std::make_unique<NpySink>(options); }

}  // namespace lamina::format
