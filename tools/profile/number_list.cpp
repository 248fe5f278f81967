// "1,8,64" or "1:4096:x2" -> numbers.
// SPDX-License-Identifier: Apache-2.0
#include "profile/number_list.hpp"

#include "command.hpp"

#include <charconv>
#include <set>
#include <string_view>
#include <utility>

namespace lamina::tools {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 30;  // rows or threads beyond any use
constexpr std::size_t kMostNumbers = 1000;

class NumberList {
 public:
  NumberList(std::string flag, std::string text, std::size_t least)
      : flag_(std::move(flag)), text_(std::move(text)), least_(least) {}

  std::vector<std::size_t> parse() {
    std::string_view rest = text_;
    while (true) {
      const std::size_t comma = rest.find(',');
      add(rest.substr(0, comma));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    return {numbers_.begin(), numbers_.end()};
  }

 private:
  [[noreturn]] void fail() const {
    throw UsageError(flag_ + ": expected numbers from " + std::to_string(least_) +
                     " on such as 1,8,64 or a range such as 1:4096:x2 or 1:8:1, got '" + text_ + "'");
  }

  std::size_t number(std::string_view text, std::size_t least) const {
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value < least || value > kMost) fail();
    return value;
  }

  void insert(std::size_t value) {
    numbers_.insert(value);
    if (numbers_.size() > kMostNumbers) {
      throw UsageError(flag_ + ": expected at most " + std::to_string(kMostNumbers) + " numbers, got more");
    }
  }

  void add(std::string_view text) {
    const std::size_t first = text.find(':'), second = text.find(':', first + 1);
    if (first == std::string_view::npos) return insert(number(text, least_));
    if (second == std::string_view::npos || second + 1 == text.size()) fail();
    const bool factor = text[second + 1] == 'x';
    const std::size_t begin = number(text.substr(0, first), least_);
    const std::size_t end = number(text.substr(first + 1, second - first - 1), begin);
    const std::size_t step = number(text.substr(second + (factor ? 2 : 1)), factor ? 2 : 1);
    if (factor && begin == 0) fail();
    for (std::size_t value = begin; value <= end; value = factor ? value * step : value + step) insert(value);
  }

  std::string flag_, text_;
  std::size_t least_;
  std::set<std::size_t> numbers_;
};

}  // namespace

std::vector<std::size_t> parse_numbers(const std::string& flag, const std::string& text, std::size_t least) {
  return NumberList(flag, text, least).parse();
}

}  // namespace lamina::tools
