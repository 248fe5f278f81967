// The events of a JSON array, flat or nested -> its numbers, and the shape that its nesting says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::serve {

class TensorData {
 public:
  static constexpr std::size_t kMostDimensions = 8;

  /// No more numbers than `most` are kept: what cannot fit a model need not be read to its end.
  explicit TensorData(std::size_t most) : most_(most) {}

  /// `place` is what errors call it: "input 'x': data". Each throws Refused{400} where the array is not regular.
  void begin_array(const std::string& place);
  void end_array(const std::string& place);
  /// `text` as it stands in the JSON, rounded once to float32; below the smallest denormal it is a zero of that sign.
  void number(const std::string& place, std::string_view text, double approximate);
  /// What stood behind a minus sign: 0 was "-0".
  void number(const std::string& place, std::int64_t value);
  void number(const std::string& place, std::uint64_t value);

  [[nodiscard]] std::vector<float>& values() noexcept { return values_; }
  /// Sizes of the nested arrays, outermost first; one entry for a flat array.
  [[nodiscard]] const std::vector<std::int64_t>& sizes() const noexcept { return sizes_; }

 private:
  void add(const std::string& place, float value);

  std::size_t most_;
  std::vector<float> values_;
  std::vector<std::int64_t> counts_;  // of the arrays that are open
  std::vector<std::int64_t> sizes_;   // of the first array at each depth; -1 while it is open
};

}  // namespace lamina::serve
