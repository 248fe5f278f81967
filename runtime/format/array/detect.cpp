// First bytes of a stream, then the name of its file -> which format it has.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/detect.hpp"

#include "format/array/npy_header.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::string_view kZipMagic = "PK\3\4";
constexpr std::string_view kEmptyZipMagic = "PK\5\6";
constexpr std::string_view kWhite = " \t\r\n";

// Whether the brackets are closed at the end of the first line and a second line holds something: one list per line.
// Reads on until that is known, at most kHeldBytes, which JSON as a whole must not exceed either.
bool is_one_list_per_line(ByteStream& stream) {
  int depth = 0;
  for (std::size_t i = 0;; ++i) {
    if (i >= kHeldBytes || (i == stream.buffered().size() && !stream.fill())) return false;
    const char c = stream.buffered()[i];
    if (c == '[') ++depth;
    if (c == ']') --depth;
    if (c != '\n') continue;
    if (depth != 0) return false;
    while (++i < stream.buffered().size() || stream.fill()) {
      if (kWhite.find(stream.buffered()[i]) == std::string_view::npos) return true;
    }
    return false;
  }
}

}  // namespace

data::Format detect_format(ByteStream& stream, const std::filesystem::path& path) {
  const std::string_view front = stream.peek(64);
  if (front.starts_with(kNpyMagic)) return data::Format::npy;
  if (front.starts_with(kZipMagic) || front.starts_with(kEmptyZipMagic)) return data::Format::npz;
  if (const auto format = data::format_of(path)) return *format;
  const std::size_t first = front.find_first_not_of(kWhite);
  if (first == std::string_view::npos || (front[first] != '[' && front[first] != '{')) return data::Format::csv;
  if (front[first] == '{') return data::Format::json;
  return is_one_list_per_line(stream) ? data::Format::jsonl : data::Format::json;
}

}  // namespace lamina::format

namespace lamina::data {

std::optional<Format> format_of(const std::filesystem::path& path) {
  static constexpr std::array<std::pair<std::string_view, Format>, 6> kSuffixes = {{{".npy", Format::npy},
                                                                                    {".npz", Format::npz},
                                                                                    {".csv", Format::csv},
                                                                                    {".json", Format::json},
                                                                                    {".jsonl", Format::jsonl},
                                                                                    {".ndjson", Format::jsonl}}};
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  for (const auto& [text, format] : kSuffixes) {
    if (suffix == text) return format;
  }
  return std::nullopt;
}

}  // namespace lamina::data
