// Options of the C interface -> those of the C++ interface.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/batcher.hpp>
#include <lamina/lamina.h>
#include <lamina/model.hpp>
#include <lamina/plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lamina::api {

/// `place` is the function that was called. Null: the defaults. Throws Error{invalid_argument, unsupported_feature}.
[[nodiscard]] LoadOptions load_options(const lamina_load_options* given, const char* place);
[[nodiscard]] CompileOptions compile_options(const lamina_compile_options* given, const char* place);
[[nodiscard]] RunOptions run_options(const lamina_run_options* given, const char* place);
[[nodiscard]] BatcherOptions batcher_options(const lamina_batcher_options* given, const char* place);

/// Throws Error{invalid_argument} for a size that no version of a struct with `alignment` has had.
void check_struct_size(std::size_t size, std::size_t alignment, std::size_t expected, const char* place,
                       const char* name);

/// The fields that the caller's struct has room for; what is unknown here stays as it is.
template <class Struct>
void write_known(Struct* to, const Struct& from, const char* place) {
  check_struct_size(to->struct_size, alignof(Struct), sizeof(Struct), place, "struct_size");
  const std::size_t size = std::min(to->struct_size, sizeof(Struct)), skipped = sizeof to->struct_size;
  std::memcpy(reinterpret_cast<unsigned char*>(to) + skipped, reinterpret_cast<const unsigned char*>(&from) + skipped,
              size - skipped);
}

}  // namespace lamina::api
