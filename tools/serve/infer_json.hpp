// JSON of an inference request -> InferRequest, read in one pass: its numbers never become a tree.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/infer_request.hpp"

#include <string_view>

namespace lamina::serve {

/// See parse_infer_request().
[[nodiscard]] InferRequest read_infer_json(std::string_view json, std::size_t most_numbers);

}  // namespace lamina::serve
