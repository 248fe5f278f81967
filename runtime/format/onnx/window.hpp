// A byte source -> a small buffered piece of it at a time, so that a file is never held whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lamina::format::onnx {

/// Where a field's bytes lie in the file.
struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  [[nodiscard]] std::uint64_t end() const noexcept { return begin + size; }
};

/// Fields of a protobuf message are a few bytes long, weights many millions: small pieces come out of a buffer, large
/// ones are read straight to where they belong.
class Window {
 public:
  explicit Window(const base::ByteSource& source) : source_(source) {}

  [[nodiscard]] const base::ByteSource& source() const noexcept { return source_; }
  /// The next min(most, end - begin) bytes, valid until the next call. most is at most kLargestPiece.
  [[nodiscard]] std::span<const std::byte> peek(std::uint64_t begin, std::uint64_t end, std::size_t most);
  /// A copy of the bytes as text.
  [[nodiscard]] std::string text(Extent extent) const;

  static constexpr std::size_t kLargestPiece = std::size_t{1} << 16;

 private:
  const base::ByteSource& source_;
  std::vector<std::byte> buffer_;
  std::uint64_t begin_ = 0;  // of buffer_ in the file
};

}  // namespace lamina::format::onnx
