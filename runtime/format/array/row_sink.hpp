// Rows of float32 -> the bytes of an array file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/data.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace lamina::format {

struct SinkOptions {
  std::filesystem::path path;
  Shape row_shape;
  std::size_t row_size = 1;
  std::optional<std::uint64_t> rows;
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Whole rows.
  virtual void write(std::span<const float> rows) = 0;
  virtual void finish() = 0;
};

[[nodiscard]] std::unique_ptr<RowSink> create_npy(const SinkOptions& options);
/// csv, json or jsonl.
[[nodiscard]] std::unique_ptr<RowSink> create_text(const SinkOptions& options, data::Format format);

}  // namespace lamina::format
