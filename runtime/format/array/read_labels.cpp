// Label files -> exact integers, name files -> lines.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/csv_cell.hpp"
#include "format/array/detect.hpp"
#include "format/array/line_reader.hpp"
#include "format/array/npy_header.hpp"
#include "format/array/number.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace lamina::data {
namespace {

constexpr std::size_t kChunkElements = 8192;
constexpr std::uint64_t kMostLabels = std::uint64_t{1} << 30;
constexpr std::size_t kMostNames = 1'000'000;
constexpr std::size_t kMostNameBytes = 1024;

std::vector<std::int64_t> npy_labels(format::ByteStream stream) {
  const format::NpyHeader header = format::read_npy_header(stream);
  if (stream.size()) format::check_npy_size(stream.name(), header, *stream.size() - stream.position());
  const bool column = header.shape.size() == 2 && header.shape[1] == 1;
  if (header.shape.size() != 1 && !column) {
    base::fail(Errc::shape_mismatch, stream.name(), "labels", "shape [n] or [n, 1]", to_string(header.shape));
  }
  const auto count = static_cast<std::uint64_t>(header.shape[0]);
  if (count > kMostLabels) base::fail(Errc::limit_exceeded, stream.name(), "has over 2^30 labels");
  std::vector<std::int64_t> labels;
  std::vector<std::byte> chunk(kChunkElements * header.type.size);
  while (labels.size() < count) {
    const std::size_t have = labels.size();
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkElements, count - have));
    const std::span<std::byte> bytes = std::span(chunk).first(more * header.type.size);
    if (stream.read(bytes) != bytes.size()) base::fail(Errc::truncated, stream.name(), "ends within its labels");
    labels.resize(have + more);
    format::decode(header.type, bytes, std::span(labels).subspan(have));
  }
  if (!stream.at_end()) base::fail(Errc::malformed, stream.name(), "has bytes behind its last label");
  return labels;
}

// "7", or an integer that was written as a float: "7.0", "7e0".
std::optional<std::int64_t> parse_label(std::string_view text) {
  if (text.size() > format::kMostNumberChars) return std::nullopt;
  const char* last = text.data() + text.size();
  std::int64_t label = 0;
  const auto [end, error] = std::from_chars(text.data(), last, label);
  if (end == last && error == std::errc()) return label;
  double number = 0;
  const auto [number_end, number_error] = std::from_chars(text.data(), last, number);
  const bool integral = std::fabs(number) <= 0x1p53 && number == std::trunc(number);
  if (number_end != last || number_error != std::errc() || !integral) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::vector<std::int64_t> text_labels(format::ByteStream stream) {
  format::LineReader lines(std::move(stream), false);
  std::vector<std::int64_t> labels;
  while (const std::optional<std::string_view> line = lines.next()) {
    std::string_view text = format::trimmed(*line, ',');
    if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const std::optional<std::int64_t> label = parse_label(text);
    const bool header = lines.line() == 1 && format::parse_number(text).kind == format::NumberKind::none &&
                        text.find(',') == std::string_view::npos;
    if (!label && header) continue;  // the name of the only column
    if (!label) base::fail(Errc::malformed, lines.place(), "expected one integer, got " + base::quoted(text));
    if (labels.size() == kMostLabels) base::fail(Errc::limit_exceeded, lines.place(), "has over 2^30 labels");
    labels.push_back(*label);
  }
  return labels;
}

}  // namespace

std::vector<std::int64_t> read_labels(const std::filesystem::path& path) {
  format::ByteStream stream = format::ByteStream::open(path);
  const std::string name = stream.name();
  try {
    switch (format::detect_format(stream, path)) {
      case Format::npy:
        return npy_labels(std::move(stream));
      case Format::csv:
        return text_labels(std::move(stream));
      default:
        base::fail(Errc::unsupported_feature, name, "labels are read from .npy, .csv or text, one per line");
    }
  } catch (const Error& error) {
    throw format::named(error, name);
  }
}

std::vector<std::string> read_names(const std::filesystem::path& path) {
  format::LineReader lines(format::ByteStream::open(path), false);
  std::vector<std::string> names;
  while (const std::optional<std::string_view> line = lines.next()) {
    if (line->size() > kMostNameBytes)
      base::fail(Errc::limit_exceeded, lines.place(), "name is longer than 1024 bytes");
    if (names.size() == kMostNames) base::fail(Errc::limit_exceeded, lines.place(), "has over 1000000 names");
    if (std::any_of(line->begin(), line->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
      base::fail(Errc::malformed, lines.place(), "name holds a control character: " + base::quoted(*line));
    }
    names.emplace_back(*line);
  }
  return names;
}

}  // namespace lamina::data
