// Bytes that no reader takes -> the Error that says what they seem to be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <lamina/error.hpp>
#include <lamina/model.hpp>

namespace lamina::format {

/// Error{malformed, truncated, unsupported_feature}, with what to do instead where that is known.
[[nodiscard]] Error unrecognised(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
