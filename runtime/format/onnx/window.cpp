// A byte source -> a small buffered piece of it at a time.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/window.hpp"

#include <algorithm>

namespace lamina::format::onnx {

std::span<const std::byte> Window::peek(std::uint64_t begin, std::uint64_t end, std::size_t most) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, most));
  if (begin < begin_ || begin + wanted > begin_ + buffer_.size()) {
    buffer_ = source_.read(begin, std::min<std::uint64_t>(source_.size() - begin, kLargestPiece));
    begin_ = begin;
  }
  return std::span(buffer_).subspan(static_cast<std::size_t>(begin - begin_), wanted);
}

std::string Window::text(Extent extent) const {
  std::string text(static_cast<std::size_t>(extent.size), '\0');
  source_.read(extent.begin, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace lamina::format::onnx
