// Values -> JSON text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/tensor.hpp>

#include <span>
#include <string>
#include <string_view>

namespace lamina::serve {

/// In quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The shortest digits that read back as the same float. False, and nothing is written, where one is not finite: JSON
/// has no such number.
[[nodiscard]] bool append_json_numbers(std::string& out, std::span<const float> values);

/// [-1,4] for a batch of rows of shape [4].
void append_batch_shape(std::string& out, std::int64_t rows, const Shape& row);

}  // namespace lamina::serve
