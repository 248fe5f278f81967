// The version of these headers; version() is that of the library in use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>

#include <string_view>

#define LAMINA_VERSION_MAJOR 0
#define LAMINA_VERSION_MINOR 1
#define LAMINA_VERSION_PATCH 0

namespace lamina {

/// "0.1.0".
[[nodiscard]] LAMINA_API std::string_view version() noexcept;

}  // namespace lamina
