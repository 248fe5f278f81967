// Pointers and a number of rows -> spans.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_handles.hpp"

#include "api/c_error.hpp"
#include "base/fail.hpp"

#include <cstdint>
#include <string>

namespace lamina::api {
namespace {

template <class Float>
std::span<Float> rows_at(Float* p, std::size_t rows, std::size_t size, const char* place, const char* name) {
  if (rows == 0) return {};
  require(p, place, name);
  if (rows > PTRDIFF_MAX / sizeof(float) / size) {
    base::fail(Errc::invalid_argument, place, "rows", "rows that fit into memory", std::to_string(rows));
  }
  return {p, rows * size};
}

}  // namespace

CRows c_rows(const Plan& plan, const float* x, float* y, std::size_t rows, const char* place) {
  return {rows_at(x, rows, plan.input_size(), place, "x"), rows_at(y, rows, plan.output_size(), place, "y")};
}

}  // namespace lamina::api
