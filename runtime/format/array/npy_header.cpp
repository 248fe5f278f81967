// Front of an npy file <-> element type, order and shape.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/npy_header.hpp"

#include "base/checked.hpp"
#include "base/fail.hpp"
#include "base/little_endian.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kMostHeaderBytes = 10'000;  // numpy's own limit
constexpr std::size_t kMostRankParsed = 32;       // what numpy can write

// The header is a Python literal; this is the whole of the grammar that numpy writes.
class Dictionary {
 public:
  Dictionary(const std::string& place, std::string_view text) : place_(place), text_(text) {}

  NpyHeader parse() {
    expect('{');
    while (!take('}')) {
      entry();
      if (!take(',') && peek() != '}') fail_here("',' or '}'");
    }
    if (peek() != '\0' || at_ != text_.size()) fail_here("the end of the header");
    for (const auto& [present, key] : {std::pair(descr_, "descr"), {order_, "fortran_order"}, {shape_, "shape"}}) {
      if (!present) base::fail(Errc::malformed, place_, std::string("header has no key '") + key + "'");
    }
    return std::move(header_);
  }

 private:
  void entry() {
    const std::string_view key = quoted_text();
    expect(':');
    if (key == "descr") {
      once(descr_, key);
      if (peek() == '[') base::fail(Errc::dtype, place_, "element type", "one plain type", "a structure of several");
      header_.type = parse_element_type(place_, quoted_text());
    } else if (key == "fortran_order") {
      once(order_, key);
      header_.fortran_order = boolean();
    } else if (key == "shape") {
      once(shape_, key);
      tuple();
    } else {
      base::fail(Errc::malformed, place_, "header has the unknown key " + base::quoted(key));
    }
  }

  void once(bool& present, std::string_view key) {
    if (present) base::fail(Errc::malformed, place_, "header has the key " + base::quoted(key) + " twice");
    present = true;
  }

  void tuple() {
    expect('(');
    bool comma = true;
    while (!take(')')) {
      if (!comma) fail_here("',' or ')'");
      if (header_.shape.size() == kMostRankParsed) base::fail(Errc::limit_exceeded, place_, "rank is above 32");
      header_.shape.push_back(dimension());
      comma = take(',');
    }
    if (header_.shape.size() == 1 && !comma) fail_here("a tuple, as in (3,)");
  }

  std::int64_t dimension() {
    if (peek() < '0' || peek() > '9') fail_here("a dimension");
    std::int64_t value = 0;
    const char* last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(text_.data() + at_, last, value);
    if (error != std::errc()) base::fail(Errc::limit_exceeded, place_, "dimension overflows 63 bits");
    at_ = static_cast<std::size_t>(end - text_.data());
    if (end != last && *end == 'L') ++at_;  // Python 2 wrote long integers so
    return value;
  }

  bool boolean() {
    (void)peek();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>("True", true), {"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail_here("True or False");
  }

  std::string_view quoted_text() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail_here("a string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail_here("a string that ends");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail_here(std::string{'\'', c, '\''});
  }
  [[noreturn]] void fail_here(std::string_view expected) const {
    base::fail(Errc::malformed, place_, "header", expected,
               at_ < text_.size() ? base::quoted(text_.substr(at_, 16)) : "its end");
  }

  const std::string& place_;
  std::string_view text_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool descr_ = false;
  bool order_ = false;
  bool shape_ = false;
};

std::string_view bytes_at_front(ByteStream& stream, std::size_t count) {
  const std::string_view bytes = stream.peek(count);
  if (bytes.size() < count) {
    base::fail(Errc::truncated, stream.name(), "npy header", std::to_string(count) + " bytes",
               std::to_string(bytes.size()));
  }
  return bytes.substr(0, count);
}

}  // namespace

NpyHeader parse_npy_dictionary(const std::string& place, std::string_view text) {
  return Dictionary(place, text).parse();
}

NpyHeader read_npy_header(ByteStream& stream) {
  std::string_view front = stream.peek(kNpyMagic.size());
  if (!kNpyMagic.starts_with(front.substr(0, kNpyMagic.size()))) {
    base::fail(Errc::malformed, stream.name(), "is no npy file: its first bytes are not \\x93NUMPY");
  }
  front = bytes_at_front(stream, 8);
  const auto major = static_cast<unsigned char>(front[6]);
  if (major < 1 || major > 3 || front[7] != 0) {
    base::fail(Errc::unsupported_feature, stream.name(), "npy version", "1.0, 2.0 or 3.0",
               std::to_string(major) + "." + std::to_string(static_cast<unsigned char>(front[7])));
  }
  const std::size_t fixed = major == 1 ? 10 : 12;
  front = bytes_at_front(stream, fixed);
  const auto* length_at = reinterpret_cast<const std::byte*>(front.data()) + 8;
  const std::size_t length =
      major == 1 ? base::load_le<std::uint16_t>(length_at) : base::load_le<std::uint32_t>(length_at);
  if (length > kMostHeaderBytes) {
    base::fail(Errc::limit_exceeded, stream.name(), "npy header", "at most 10000 bytes", std::to_string(length));
  }
  NpyHeader header = parse_npy_dictionary(stream.name(), bytes_at_front(stream, fixed + length).substr(fixed));
  stream.skip(fixed + length);
  return header;
}

void check_npy_size(const std::string& place, const NpyHeader& header, std::uint64_t present) {
  base::CheckedU64 expected = header.type.size;
  for (const std::int64_t dimension : header.shape) expected = expected * static_cast<std::uint64_t>(dimension);
  if (expected == present) return;
  base::fail(expected > present ? Errc::truncated : Errc::malformed, place, "data behind the npy header",
             std::to_string(expected.value()) + " bytes for shape " + to_string(header.shape), std::to_string(present));
}

std::string npy_header(std::uint64_t rows, const Shape& row_shape) {
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kFixed = 10;
  constexpr std::size_t kMostDigits = std::numeric_limits<std::uint64_t>::digits10 + 1;
  const std::string count = std::to_string(rows);
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + count + ",";
  for (std::size_t i = 0; i < row_shape.size(); ++i) text += (i ? ", " : " ") + std::to_string(row_shape[i]);
  text += "), }";
  // Room for any number of rows, which may be known at the end only; then to a multiple of 64, with a line feed.
  const std::size_t longest = kFixed + text.size() - count.size() + kMostDigits + 1;
  const std::size_t padded = (longest + kAlignment - 1) / kAlignment * kAlignment;
  text.append(padded - kFixed - text.size() - 1, ' ').append(1, '\n');
  std::string header(kNpyMagic);
  header.append(1, '\1').append(1, '\0');
  header.append(1, static_cast<char>(text.size() & 0xFF)).append(1, static_cast<char>(text.size() >> 8));
  return header + text;
}

}  // namespace lamina::format
