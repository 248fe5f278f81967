// Options of the C interface -> those of the C++ interface.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/lamina.h>
#include <lamina/model.hpp>
#include <lamina/plan.hpp>

namespace lamina::api {

/// `place` is the function that was called. Null: the defaults. Throws Error{invalid_argument, unsupported_feature}.
[[nodiscard]] LoadOptions load_options(const lamina_load_options* given, const char* place);
[[nodiscard]] CompileOptions compile_options(const lamina_compile_options* given, const char* place);

}  // namespace lamina::api
