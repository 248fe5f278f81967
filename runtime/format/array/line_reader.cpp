// Bytes in order -> lines of text, in bounded memory.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/line_reader.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kMostLineBytes = std::size_t{16} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool has(std::string_view text, char c) { return !text.empty() && std::memchr(text.data(), c, text.size()) != nullptr; }

}  // namespace

LineReader::LineReader(ByteStream stream, bool quotes) : stream_(std::move(stream)), quotes_(quotes) {
  if (stream_.peek(kByteOrderMark.size()).starts_with(kByteOrderMark)) stream_.skip(kByteOrderMark.size());
}

std::string LineReader::place() const { return stream_.name() + ": line " + std::to_string(line_); }

std::optional<std::string_view> LineReader::next() {
  std::optional<std::string_view> line = next_raw();
  if (!line || !line->empty()) return line;
  const std::uint64_t empty = line_;
  while ((line = next_raw())) {
    if (line->empty()) continue;
    base::fail(Errc::malformed, stream_.name() + ": line " + std::to_string(empty),
               "is empty, which only the last line may be");
  }
  return std::nullopt;
}

std::optional<std::string_view> LineReader::next_raw() {
  stream_.skip(std::exchange(taken_, 0));
  line_ = next_line_;
  if (stream_.at_end()) return std::nullopt;
  const std::size_t end = find_end();
  std::string_view text = stream_.buffered().substr(0, end);
  taken_ = std::min(end + 1, stream_.buffered().size());
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (has(text, '\0')) base::fail(Errc::malformed, place(), "holds a zero byte: no text in UTF-8 (is it UTF-16?)");
  return text;
}

// Offset of the line feed that ends the line at the front of the buffer, or of the end of the stream.
std::size_t LineReader::find_end() {
  std::size_t scanned = 0;
  bool open = false;
  while (true) {
    const std::string_view text = stream_.buffered();
    const void* found =
        scanned < text.size() ? std::memchr(text.data() + scanned, '\n', text.size() - scanned) : nullptr;
    const auto stop = found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : text.size();
    if (quotes_ && has(text.substr(scanned, stop - scanned), '"')) {
      open ^= (std::count(text.begin() + static_cast<std::ptrdiff_t>(scanned),
                          text.begin() + static_cast<std::ptrdiff_t>(stop), '"') &
               1) != 0;
    }
    if (stop > kMostLineBytes) base::fail(Errc::limit_exceeded, place(), "is longer than 16 MiB");
    if (found) ++next_line_;
    if (found && !open) return stop;
    scanned = found ? stop + 1 : stop;
    if (found || stream_.fill()) continue;
    if (open) base::fail(Errc::malformed, place(), "has a quote that is never closed");
    return stop;
  }
}

}  // namespace lamina::format
