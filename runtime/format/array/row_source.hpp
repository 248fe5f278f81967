// What every array file looks like once it is open: rows of float32 in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/byte_stream.hpp"

#include <lamina/data.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lamina::format {

/// Most numbers of one row: 1 GiB as float32, which the caller holds.
inline constexpr std::uint64_t kMostRowElements = std::uint64_t{1} << 28;
/// Most rows that a header may declare.
inline constexpr std::uint64_t kMostRows = std::uint64_t{1} << 40;
inline constexpr std::size_t kMostRank = 8;

struct RowLayout {
  Shape row_shape;
  std::size_t row_size = 0;
  bool single_row = false;            // a one-dimensional array
  std::optional<std::uint64_t> rows;  // where the file says so
  std::vector<std::string> names;     // of the columns, where the file has them
};

/// Splits an array's shape into rows. Throws Error{limit_exceeded, shape_mismatch}, the latter for rows without
/// numbers.
[[nodiscard]] RowLayout layout_of(const std::string& name, const Shape& shape);

class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Fills from the front with whole rows and returns their number: fewer than fit only at the end.
  [[nodiscard]] virtual std::size_t read(std::span<float> rows) = 0;
  [[nodiscard]] virtual std::uint64_t bytes_read() const noexcept = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> bytes_total() const noexcept = 0;

  RowLayout layout;
};

[[nodiscard]] std::unique_ptr<RowSource> open_npy(ByteStream stream);
[[nodiscard]] std::unique_ptr<RowSource> open_npz(ByteStream stream, const std::string& array);
[[nodiscard]] std::unique_ptr<RowSource> open_csv(ByteStream stream, const data::ReadOptions& options);
[[nodiscard]] std::unique_ptr<RowSource> open_json(ByteStream stream);
[[nodiscard]] std::unique_ptr<RowSource> open_jsonl(ByteStream stream);

}  // namespace lamina::format
