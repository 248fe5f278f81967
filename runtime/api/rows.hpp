// Spans that a caller gives -> a number of rows, or the error that says what does not fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"

#include <cstddef>
#include <span>

namespace lamina::api {

/// Whole rows in x, as many in y, and no overlap but equality. Throws Error{shape_mismatch, invalid_argument}.
[[nodiscard]] std::size_t checked_rows(const plan::Program& program, std::span<const float> x, std::span<float> y);

}  // namespace lamina::api
