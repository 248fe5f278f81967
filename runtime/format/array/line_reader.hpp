// Bytes in order -> lines of text, in bounded memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/byte_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lamina::format {

/// Lines ended by LF or CRLF, the last also by the end; a byte order mark in front is left out.
/// Empty lines are allowed at the end alone: elsewhere they are an error.
class LineReader {
 public:
  /// `quotes`: a line end within double quotes does not end the line (RFC 4180).
  LineReader(ByteStream stream, bool quotes);

  /// The next line without its end, valid until the next call; nullopt at the end.
  /// Throws Error{malformed, limit_exceeded}.
  [[nodiscard]] std::optional<std::string_view> next();
  /// Of the line that next() returned, from 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  /// "x.csv: line 3".
  [[nodiscard]] std::string place() const;
  [[nodiscard]] const ByteStream& stream() const noexcept { return stream_; }

 private:
  std::optional<std::string_view> next_raw();
  std::size_t find_end();

  ByteStream stream_;
  bool quotes_;
  std::size_t taken_ = 0;  // bytes of the line that was handed out last, with its end
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 1;
};

}  // namespace lamina::format
