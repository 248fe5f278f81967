// Values -> JSON text.
// SPDX-License-Identifier: Apache-2.0
#include "serve/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lamina::serve {

void append_json_string(std::string& out, std::string_view text) {
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool append_json_numbers(std::string& out, std::span<const float> values) {
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) return false;
  constexpr std::size_t kMostChars = 16;  // "-1.1754944e-38" and a comma
  const std::size_t begin = out.size();
  out.resize(begin + 2 + values.size() * kMostChars);
  char* end = out.data() + begin;
  *end++ = '[';
  for (const float value : values) {
    end = std::to_chars(end, end + kMostChars, value).ptr;
    *end++ = ',';
  }
  if (!values.empty()) --end;
  *end++ = ']';
  out.resize(static_cast<std::size_t>(end - out.data()));
  return true;
}

void append_batch_shape(std::string& out, std::int64_t rows, const Shape& row) {
  out += '[' + std::to_string(rows);
  for (const std::int64_t size : row) out += ',' + std::to_string(size);
  out += ']';
}

}  // namespace lamina::serve
