// Place, what, expected, got -> lamina::Error with a one-line message.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace lamina {
namespace {

// Names from files and paths end up in messages: whatever they hold, what() stays one line.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

constexpr std::array<std::string_view, 19> kCodeNames = {"unknown",           "io",
                                                         "truncated",         "malformed",
                                                         "limit_exceeded",    "unsupported_feature",
                                                         "unsupported_layer", "unsafe_content",
                                                         "shape_mismatch",    "dtype",
                                                         "missing_weight",    "extra_weight",
                                                         "invalid_argument",  "out_of_memory",
                                                         "internal",          "verification_failed",
                                                         "cancelled",         "deadline_exceeded",
                                                         "unavailable"};

}  // namespace

std::string_view to_string(Errc code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return kCodeNames[index < kCodeNames.size() ? index : 0];
}

Error::Error(Errc code, std::string message) : Error(code, std::move(message), {}) {}
Error::Error(Errc code, std::string message, std::vector<std::string> problems, std::string excerpt)
    : code_(code),
      message_(one_line(std::move(message))),
      problems_(std::move(problems)),
      excerpt_(std::move(excerpt)) {
  for (std::string& problem : problems_) problem = one_line(std::move(problem));
}
Error::Error(const Error&) = default;
Error& Error::operator=(const Error&) = default;
Error::~Error() = default;

namespace base {
namespace {

// Levenshtein distance without regard to case, for short names.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitute = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({substitute, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row[b.size()];
}

}  // namespace

void fail(Errc code, const std::string& what) { throw Error(code, what); }

void fail(Errc code, std::string_view place, std::string_view what) {
  throw Error(code, std::string(place) + ": " + std::string(what));
}

void fail(Errc code, std::string_view place, std::string_view what, std::string_view expected, std::string_view got) {
  std::string message(place);
  message.append(": ").append(what).append(": expected ").append(expected).append(", got ").append(got);
  throw Error(code, std::move(message));
}

Error with_prefix(const Error& error, std::string_view prefix) {
  const std::string front = std::string(prefix) + ": ";
  std::vector<std::string> problems = error.problems();
  for (std::string& problem : problems) problem.insert(0, front);
  return {error.code(), front + error.what(), std::move(problems), error.excerpt()};
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 64;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text.substr(0, kMost)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) {
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out += c;
    }
  }
  return out + (text.size() > kMost ? "...'" : "'");
}

std::string did_you_mean(std::string_view name, const std::string_view* candidates, std::size_t count) {
  constexpr std::size_t kLongest = 64;  // the cost is the product of the lengths
  if (name.empty() || name.size() > kLongest) return {};
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string_view best;
  for (std::size_t i = 0; i < count; ++i) {
    if (candidates[i].size() > kLongest) continue;
    const std::size_t distance = edit_distance(name, candidates[i]);
    if (distance < least) {
      least = distance;
      best = candidates[i];
    }
  }
  return best.empty() ? std::string() : "; did you mean '" + std::string(best) + "'?";
}

}  // namespace base
}  // namespace lamina
