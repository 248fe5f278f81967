// The text of a keras_version -> the major version, which decides what some names mean.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lamina::format {

/// 1, 2 or 3 of "2.2.4-tf". Throws Error{malformed, unsupported_feature}.
[[nodiscard]] int keras_major(const std::string& version);

}  // namespace lamina::format
