// The events of a JSON array, flat or nested -> its numbers, and the shape that its nesting says.
// SPDX-License-Identifier: Apache-2.0
#include "serve/tensor_data.hpp"

#include "serve/reply.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace lamina::serve {
namespace {

constexpr std::int64_t kOpen = -1;

}  // namespace

void TensorData::begin_array(const std::string& place) {
  if (counts_.size() == kMostDimensions) {
    refuse(place, "at most " + std::to_string(kMostDimensions) + " nested arrays", "more");
  }
  const bool first_at_depth = counts_.size() == sizes_.size();
  if (first_at_depth && !values_.empty()) refuse(place, "a number as before", "an array");
  if (!counts_.empty()) ++counts_.back();
  counts_.push_back(0);
  if (first_at_depth) sizes_.push_back(kOpen);
}

void TensorData::end_array(const std::string& place) {
  const std::int64_t count = counts_.back();
  counts_.pop_back();
  std::int64_t& size = sizes_[counts_.size()];
  if (size == kOpen) size = count;
  if (size != count) refuse(place, "arrays of one length, " + std::to_string(size), std::to_string(count));
}

void TensorData::number(const std::string& place, std::string_view text, double approximate) {
  float value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::result_out_of_range) {
    if (std::abs(approximate) > 1) refuse(place, "numbers within float32", in_quotes(text));
    value = std::copysign(0.0F, static_cast<float>(approximate));
  }
  add(place, value);
}

void TensorData::number(const std::string& place, std::int64_t value) {
  add(place, value == 0 ? -0.0F : static_cast<float>(value));
}

void TensorData::number(const std::string& place, std::uint64_t value) { add(place, static_cast<float>(value)); }

void TensorData::add(const std::string& place, float value) {
  if (counts_.size() != sizes_.size()) refuse(place, "an array as before", "a number");
  if (values_.size() == most_) refuse(place, "at most " + std::to_string(most_) + " numbers", "more");
  ++counts_.back();
  values_.push_back(value);
}

}  // namespace lamina::serve
